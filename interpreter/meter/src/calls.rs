//! Which functions only calls can enter, and who calls whom on the way from a check to the next.

use std::collections::{BTreeSet, HashSet};

use wasmparser::Operator;

use crate::error::Result;
use crate::module::Module;

/// By function index: for each function of the graph, those of the graph that it calls.
pub type Calls = Vec<Option<BTreeSet<u32>>>;

/// How a function can be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// By `call` alone.
    Call,
    /// By `call` and by `call_indirect`.
    CallIndirect,
    /// By the host too, or through a reference of which nothing is known. So are the imported.
    Any,
}

/// By function index: how each function can be entered.
pub fn entries(module: &Module<'_>) -> Result<Vec<Entry>> {
    let mut referenced = HashSet::new();
    let mut tables_are_private = !module.exports_table;
    for body in 0..module.bodies.len() {
        for operator in module.operators(body)? {
            match operator {
                Operator::RefFunc { function_index } => {
                    referenced.insert(function_index);
                }
                Operator::TableGet { .. } => tables_are_private = false,
                _ => {}
            }
        }
    }
    let entry = |function: u32| {
        let in_table = module.in_table.contains(&function);
        let open = module.entered_from_outside.contains(&function)
            || referenced.contains(&function)
            || (in_table && !tables_are_private);
        match (open || function < module.imported_functions, in_table) {
            (true, _) => Entry::Any,
            (false, true) => Entry::CallIndirect,
            (false, false) => Entry::Call,
        }
    };
    Ok((0..module.functions()).map(entry).collect())
}

/// The calls among those functions that `is_in` tells, which are no imported ones. Calls in loops
/// do not count: a loop passes a check of its own before each.
pub fn calls(module: &Module<'_>, entries: &[Entry], is_in: &[bool]) -> Result<Calls> {
    let mut by_type = vec![Vec::new(); module.types as usize];
    let mut found: Calls = vec![None; is_in.len()];
    for function in (0..module.functions()).filter(|function| is_in[*function as usize]) {
        if entries[function as usize] == Entry::CallIndirect {
            by_type[module.type_of(function) as usize].push(function);
        }
    }
    for function in (0..module.functions()).filter(|function| is_in[*function as usize]) {
        let operators = module.operators((function - module.imported_functions) as usize)?;
        let mut callees = BTreeSet::new();
        for operator in outside_loops(&operators) {
            match operator {
                Operator::Call { function_index } if is_in[*function_index as usize] => {
                    callees.insert(*function_index);
                }
                Operator::CallIndirect { type_index, .. } => {
                    callees.extend(&by_type[module.same_types[*type_index as usize] as usize]);
                }
                _ => {}
            }
        }
        found[function as usize] = Some(callees);
    }
    Ok(found)
}

/// The operators of a function that are in no loop.
fn outside_loops<'o, 'a>(operators: &'o [Operator<'a>]) -> impl Iterator<Item = &'o Operator<'a>> {
    let mut is_loop = Vec::new();
    let mut loops = 0;
    operators.iter().filter(move |operator| {
        match operator {
            Operator::Loop { .. } => {
                is_loop.push(true);
                loops += 1;
            }
            Operator::Block { .. } | Operator::If { .. } => is_loop.push(false),
            Operator::End if is_loop.pop() == Some(true) => loops -= 1,
            _ => {}
        }
        loops == 0
    })
}
