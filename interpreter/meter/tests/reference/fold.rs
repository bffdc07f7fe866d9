//! Which functions are folded, by reachability over the whole call graph.

use std::cmp::Reverse;
use std::collections::HashSet;

use meter::weights::FOLD_MAX;
use wasmparser::Operator;

use super::{Source, control, flow, operator_costs};

/// The folded functions.
pub struct Folded<'s, 'a> {
    source: &'s Source<'a>,
    /// For each function, the cost of its longest path if it is folded.
    pub costs: Vec<Option<u64>>,
}

impl Folded<'_, '_> {
    /// What a call weighs more for the folded function that it may enter.
    pub fn of(&self, operator: &Operator<'_>) -> u64 {
        let entered = entered(self.source, operator).into_iter();
        let costs = entered.filter_map(|function| self.costs[function]);
        costs.max().unwrap_or(0)
    }
}

/// Finds the folded functions.
pub fn folded<'s, 'a>(source: &'s Source<'a>) -> Folded<'s, 'a> {
    let count = source.functions.len();
    let mut folded = Folded {
        source,
        costs: vec![None; count],
    };
    let alone: Vec<u64> = (0..count).map(|f| cost(&folded, f)).collect();
    let may_be = |f: &usize| only_called(source, *f) && alone[*f] <= FOLD_MAX;
    let mut taken: Vec<bool> = (0..count).map(|f| may_be(&f)).collect();
    let calls = |taken: &[bool], f: usize| -> Vec<usize> {
        let all = callees(source, f).into_iter();
        all.filter(|callee| taken[f] && taken[*callee]).collect()
    };
    loop {
        let calls: Vec<_> = (0..count).map(|f| calls(&taken, f)).collect();
        let below: Vec<_> = (0..count).map(|f| reachable(&calls, f)).collect();
        let rank = |f: usize| (alone[f], Reverse(f));
        let is_dearest = |f: &usize| {
            let mut circle = below[*f].iter().filter(|g| below[**g].contains(f));
            below[*f].contains(f) && circle.all(|g| rank(*g) <= rank(*f))
        };
        let out: Vec<usize> = (0..count).filter(is_dearest).collect();
        if out.is_empty() {
            break;
        }
        out.iter().for_each(|f| taken[*f] = false);
    }
    let mut known: Vec<bool> = taken.iter().map(|taken| !taken).collect();
    while let Some(function) =
        (0..count).find(|f| !known[*f] && calls(&taken, *f).iter().all(|callee| known[*callee]))
    {
        let cost = cost(&folded, function);
        folded.costs[function] = (cost <= FOLD_MAX).then_some(cost);
        known[function] = true;
    }
    assert!(known.iter().all(|known| *known), "the order covers all");
    folded
}

/// What the entry of a function is charged.
fn cost(folded: &Folded<'_, '_>, function: usize) -> u64 {
    let operators = &folded.source.functions[function];
    let costs = operator_costs(operators, &|operator| folded.of(operator));
    flow::charges(operators, &costs).checks[0].1
}

/// Whether only `call` and `call_indirect` enter a function.
fn only_called(source: &Source<'_>, function: usize) -> bool {
    let index = function as u32;
    let mut all = source.functions.iter().flatten();
    let in_table = source.in_table.contains(&index);
    if source.outside.contains(&index) || (in_table && source.exports_table) {
        return false;
    }
    all.all(|operator| match operator {
        Operator::RefFunc { function_index } => *function_index != index,
        Operator::TableGet { .. } => !in_table,
        _ => true,
    })
}

/// The functions that a function may call outside of its loops.
fn callees(source: &Source<'_>, function: usize) -> Vec<usize> {
    let operators = &source.functions[function];
    let in_loop = control::in_loop(operators);
    let outside = (0..operators.len()).filter(|at| !in_loop[*at]);
    outside
        .flat_map(|at| entered(source, &operators[at]))
        .collect()
}

/// The functions that an operator may enter.
fn entered(source: &Source<'_>, operator: &Operator<'_>) -> Vec<usize> {
    match operator {
        Operator::Call { function_index } => vec![*function_index as usize],
        Operator::CallIndirect { type_index, .. } => {
            let type_of = |index: u32| &source.types[index as usize];
            let fits = |function: &usize| {
                source.in_table.contains(&(*function as u32))
                    && type_of(source.function_types[*function]) == type_of(*type_index)
            };
            (0..source.functions.len()).filter(fits).collect()
        }
        _ => Vec::new(),
    }
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
