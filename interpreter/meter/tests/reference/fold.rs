//! Which functions are folded, by reachability over the whole call graph.

use std::collections::HashSet;

use wasmparser::Operator;

use super::{Source, flow, operator_costs};

/// For each function, the cost of its longest path if it is folded.
pub fn folded(source: &Source<'_>) -> Vec<Option<u64>> {
    let count = source.functions.len();
    let simple: Vec<bool> = (0..count)
        .map(|function| {
            let loops = |operator: &Operator<'_>| matches!(operator, Operator::Loop { .. });
            !source.outside.contains(&(function as u32))
                && !source.functions[function].iter().any(loops)
        })
        .collect();
    let calls: Vec<Vec<usize>> = (0..count)
        .map(|function| callees(source, function, &simple))
        .collect();
    let below: Vec<HashSet<usize>> = (0..count).map(|f| reachable(&calls, f)).collect();
    let cyclic: Vec<bool> = (0..count).map(|f| below[f].contains(&f)).collect();
    let leads_to_cycle = |f: usize| cyclic[f] || below[f].iter().any(|g| cyclic[*g]);
    let led_to_from_cycle = |f: usize| (0..count).any(|g| cyclic[g] && below[g].contains(&f));
    let mut costs = vec![None; count];
    let mut known = vec![false; count];
    for function in 0..count {
        known[function] =
            !simple[function] || (leads_to_cycle(function) && led_to_from_cycle(function));
    }
    while let Some(function) =
        (0..count).find(|f| !known[*f] && calls[*f].iter().all(|callee| known[*callee]))
    {
        let operators = &source.functions[function];
        let unit_costs = operator_costs(operators, &|callee| costs[callee as usize]);
        let cost = flow::charges(operators, &unit_costs)[0].1;
        costs[function] = (cost <= meter::weights::FOLD_MAX).then_some(cost);
        known[function] = true;
    }
    assert!(known.iter().all(|known| *known), "the order covers all");
    costs
}

/// The simple functions that a simple function calls.
fn callees(source: &Source<'_>, function: usize, simple: &[bool]) -> Vec<usize> {
    if !simple[function] {
        return Vec::new();
    }
    let operators = source.functions[function].iter();
    let called = operators.filter_map(|operator| match operator {
        Operator::Call { function_index } => Some(*function_index as usize),
        _ => None,
    });
    called.filter(|callee| simple[*callee]).collect()
}

fn reachable(calls: &[Vec<usize>], from: usize) -> HashSet<usize> {
    let mut found = HashSet::new();
    let mut open = calls[from].clone();
    while let Some(function) = open.pop() {
        if found.insert(function) {
            open.extend(&calls[function]);
        }
    }
    found
}
