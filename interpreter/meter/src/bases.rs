//! Which local holds the address of a store, where one does. Pure.
//!
//! A forward walk knows of each operand whether it is a local's value, as the local still has it.

use wasmparser::{BlockType, Operator};

use crate::module::Operands;
use crate::step::Step;
use crate::stores::store;

/// For each store, the local that holds its address at that moment, if one surely does.
pub fn bases(operators: &[Operator<'_>], steps: &[Step], operands: &Operands) -> Vec<Option<u32>> {
    let mut walk = Walk {
        operands: Vec::new(),
        labels: Vec::new(),
    };
    let mut found = vec![None; operators.len()];
    for (position, operator) in operators.iter().enumerate() {
        let height = operands.heights[position] as usize;
        walk.operands.resize(height, None);
        if store(operator).is_some() {
            found[position] = height.checked_sub(2).and_then(|at| walk.operands[at]);
        }
        let after = operands.heights.get(position + 1).copied().unwrap_or(0);
        let results = operands.results[position] as usize;
        walk.step(operator, &steps[position], after as usize, results);
    }
    found
}

/// Nothing is known of any operand.
const ALL: usize = usize::MAX;

struct Walk {
    /// For each operand the local whose value it is.
    operands: Vec<Option<u32>>,
    /// For each open label how many operands may have come to its end by a branch.
    labels: Vec<usize>,
}

impl Walk {
    /// `after`: how many operands there are then; `results`: of a call.
    fn step(&mut self, operator: &Operator<'_>, step: &Step, after: usize, results: usize) {
        match operator {
            Operator::LocalGet { local_index } => self.operands.push(Some(*local_index)),
            // By how many there are then: where control cannot be, an operator may take more than
            // there are, and those below are not its own.
            Operator::LocalSet { local_index } => {
                self.operands.truncate(after);
                self.assign(*local_index);
            }
            Operator::LocalTee { local_index } => {
                self.operands.truncate(after.saturating_sub(1));
                self.assign(*local_index);
                self.operands.push(Some(*local_index));
            }
            operator if store(operator).is_some() => self.operands.truncate(after),
            _ => {
                let unknown = self.unknown(operator, step, results);
                self.operands.truncate(after.saturating_sub(unknown));
            }
        }
    }

    /// How many of the operands behind an operator are not those that were there before it.
    fn unknown(&mut self, operator: &Operator<'_>, step: &Step, results: usize) -> usize {
        match step {
            Step::Straight | Step::Call => match operator {
                Operator::Call { .. } | Operator::CallIndirect { .. } => results,
                // No other puts more than one there.
                _ => 1,
            },
            Step::Block | Step::If | Step::Loop => {
                let (taken, brought) = brought_by(operator);
                self.labels.push(brought);
                taken
            }
            Step::Else => self.labels.last().map_or(ALL, |brought| match *brought {
                ALL => ALL,
                _ => 0,
            }),
            Step::End => self.labels.pop().unwrap_or(ALL),
            Step::Branch { falls: true, .. } => 0,
            Step::Branch { .. } | Step::Exit { .. } => ALL,
        }
    }

    /// A local has another value now than what was taken of it before.
    fn assign(&mut self, local: u32) {
        for operand in &mut self.operands {
            if *operand == Some(local) {
                *operand = None;
            }
        }
    }
}

/// How many unknown operands there are where a block begins, and where it ends.
fn brought_by(operator: &Operator<'_>) -> (usize, usize) {
    match operator {
        Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
            match blockty {
                BlockType::Empty => (0, 0),
                BlockType::Type(_) => (0, 1),
                BlockType::FuncType(_) => (ALL, ALL),
            }
        }
        _ => (ALL, ALL),
    }
}
