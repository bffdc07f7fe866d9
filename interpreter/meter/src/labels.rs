//! The labels open while a function body is written, and the depths of branches once the meter has
//! put labels of its own between them.

use wasm_encoder::Instruction;
use wasmparser::{BlockType, Operator};

use crate::error::Result;

/// How many labels the meter puts around a tight loop.
const TIGHT_LABELS: u32 = 3;

/// An open label of the input.
#[derive(Debug, Clone, Copy)]
pub struct Label {
    /// Whether a branch to it may take values along.
    pub takes_values: bool,
    /// Whether it is a loop that keeps the fuel counter in a local.
    pub is_scope: bool,
    /// For a tight loop (see `rewrite`), which has labels of the meter's around it: its charge.
    pub tight: Option<u64>,
}

impl Label {
    /// The label that `operator` opens; the function's own if it opens none.
    pub fn of(operator: &Operator<'_>) -> Self {
        let takes_values = match operator {
            Operator::Block { blockty } | Operator::If { blockty } | Operator::Loop { blockty } => {
                *blockty != BlockType::Empty
            }
            _ => true,
        };
        Self {
            takes_values,
            is_scope: false,
            tight: None,
        }
    }
}

/// The open labels, innermost last.
#[derive(Debug)]
pub struct Labels(Vec<Label>);

impl Labels {
    /// Those at a function's start: its own.
    pub fn new() -> Self {
        Self(vec![Label::of(&Operator::End)])
    }

    /// Opens one.
    pub fn push(&mut self, label: Label) {
        self.0.push(label);
    }

    /// Closes the innermost.
    pub fn pop(&mut self) -> Option<Label> {
        self.0.pop()
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The position, from the outermost, of the label at a depth of the input.
    pub fn position(&self, depth: u32) -> usize {
        self.0.len() - 1 - depth as usize
    }

    /// The label at a depth of the input.
    pub fn at(&self, depth: u32) -> Label {
        self.0[self.position(depth)]
    }

    /// A depth of the input, counted among the labels that are written.
    pub fn written_depth(&self, depth: u32) -> u32 {
        let inside = &self.0[self.position(depth) + 1..];
        depth + TIGHT_LABELS * inside.iter().filter(|label| label.tight.is_some()).count() as u32
    }

    /// A branch with its depths as they are written.
    pub fn branch(&self, operator: &Operator<'_>) -> Result<Option<Instruction<'static>>> {
        Ok(match operator {
            Operator::Br { relative_depth } => {
                Some(Instruction::Br(self.written_depth(*relative_depth)))
            }
            Operator::BrIf { relative_depth } => {
                Some(Instruction::BrIf(self.written_depth(*relative_depth)))
            }
            Operator::BrTable { targets } => {
                let mut depths = Vec::with_capacity(targets.len() as usize);
                for depth in targets.targets() {
                    depths.push(self.written_depth(depth?));
                }
                let default = self.written_depth(targets.default());
                Some(Instruction::BrTable(depths.into(), default))
            }
            _ => None,
        })
    }
}
