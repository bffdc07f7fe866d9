//! What a loop assigns. Pure.

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
