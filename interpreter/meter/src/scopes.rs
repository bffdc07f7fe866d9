//! Where the fuel counter lives in a local: in maximal loops in which nothing touches its global.

use wasmparser::{BlockType, Operator};

/// For each operator, whether it is a `loop` that keeps the counter in a local while it runs.
/// `touches` tells whether an operator may touch the counter's global.
pub fn counter_scopes(
    operators: &[Operator<'_>],
    touches: impl Fn(&Operator<'_>) -> bool,
) -> Vec<bool> {
    let mut starts = vec![false; operators.len()];
    // Where each open construct starts, and how many touching operators stand before it.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut touched = 0;
    for (position, operator) in operators.iter().enumerate() {
        match operator {
            Operator::Block { .. } | Operator::If { .. } | Operator::Loop { .. } => {
                open.push((position, touched));
            }
            Operator::End => {
                let Some((start, before)) = open.pop() else {
                    break;
                };
                if matches!(operators[start], Operator::Loop { .. }) && before == touched {
                    // It takes in the scopes inside it.
                    starts[start..position].fill(false);
                    starts[start] = true;
                }
            }
            _ if touches(operator) => touched += 1,
            _ => {}
        }
    }
    starts
}

/// For each operator, whether it is a `loop` without parameters and without a loop inside.
pub fn innermost_loops(operators: &[Operator<'_>]) -> Vec<bool> {
    let mut innermost = vec![false; operators.len()];
    let mut open = Vec::new();
    for (position, operator) in operators.iter().enumerate() {
        match operator {
            Operator::Loop { blockty } => {
                open.iter()
                    .for_each(|start: &usize| innermost[*start] = false);
                innermost[position] = !matches!(blockty, BlockType::FuncType(_));
                open.push(position);
            }
            Operator::Block { .. } | Operator::If { .. } => open.push(position),
            Operator::End => {
                open.pop();
            }
            _ => {}
        }
    }
    innermost
}
