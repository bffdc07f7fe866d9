//! What operators do to the flow of control. Pure.

use wasmparser::Operator;

/// What an operator does to the flow of control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Goes on with the next operator.
    Straight,
    /// The same, with what it calls before.
    Call,
    /// Opens a block.
    Block,
    /// Opens a loop.
    Loop,
    /// Opens an `if`.
    If,
    /// Starts the other branch of the innermost `if`.
    Else,
    /// Closes the innermost block, loop, `if`, or the function.
    End,
    /// May branch to these relative depths and, when `falls`, may go on with the next operator.
    Branch {
        /// The relative depths, innermost 0.
        depths: Vec<u32>,
        /// Whether the next operator can follow.
        falls: bool,
    },
    /// Leaves the function, by a return or by a trap.
    Exit {
        /// Whether it is a return.
        returns: bool,
    },
}

impl Step {
    /// The steps of a function's operators.
    pub fn all(operators: &[Operator<'_>]) -> Result<Vec<Self>, wasmparser::BinaryReaderError> {
        operators.iter().map(Self::of).collect()
    }

    /// The step of an operator. Tail calls, exceptions and stack switching never come here.
    fn of(operator: &Operator<'_>) -> Result<Self, wasmparser::BinaryReaderError> {
        Ok(match operator {
            Operator::Block { .. } => Self::Block,
            Operator::Loop { .. } => Self::Loop,
            Operator::If { .. } => Self::If,
            Operator::Else => Self::Else,
            Operator::End => Self::End,
            Operator::Br { relative_depth } => Self::Branch {
                depths: vec![*relative_depth],
                falls: false,
            },
            Operator::BrIf { relative_depth } => Self::Branch {
                depths: vec![*relative_depth],
                falls: true,
            },
            Operator::BrTable { targets } => {
                let mut depths = targets.targets().collect::<Result<Vec<_>, _>>()?;
                depths.push(targets.default());
                Self::Branch {
                    depths,
                    falls: false,
                }
            }
            Operator::Return => Self::Exit { returns: true },
            Operator::Unreachable => Self::Exit { returns: false },
            Operator::Call { .. } | Operator::CallIndirect { .. } => Self::Call,
            _ => Self::Straight,
        })
    }
}
