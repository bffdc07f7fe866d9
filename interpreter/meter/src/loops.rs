//! What a loop assigns, and what stands in one. Pure.

use std::collections::BTreeSet;

use wasmparser::Operator;

/// The locals that the loop at `start` assigns anywhere: at its header nothing is sure of them.
pub fn assigned(operators: &[Operator<'_>], start: usize) -> BTreeSet<u32> {
    let mut locals = BTreeSet::new();
    let mut depth = 0usize;
    for operator in &operators[start..] {
        match operator {
            Operator::Block { .. } | Operator::If { .. } | Operator::Loop { .. } => depth += 1,
            Operator::End => depth -= 1,
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                locals.insert(*local_index);
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    locals
}

/// For each operator, whether it stands in a loop.
pub fn inside(operators: &[Operator<'_>]) -> Vec<bool> {
    let mut open = Vec::new();
    let mut loops = 0usize;
    let mut inside = Vec::with_capacity(operators.len());
    for operator in operators {
        match operator {
            Operator::Block { .. } | Operator::If { .. } => open.push(false),
            Operator::Loop { .. } => {
                open.push(true);
                loops += 1;
            }
            Operator::End => loops -= usize::from(open.pop().unwrap_or(false)),
            _ => {}
        }
        inside.push(loops > 0);
    }
    inside
}
