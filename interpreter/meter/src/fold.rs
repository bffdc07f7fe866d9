//! Which functions carry no check of their own, their cost added to their callers' charges.
//!
//! A function is *folded* when it has no loop, is only ever called by `call`, its longest path
//! (with the folded functions it calls) costs at most [`FOLD_MAX`] units, and it lies on no cycle
//! of such functions. So every loop and every recursion still passes a check, and every check pays
//! for all that runs until the next.

use std::collections::HashSet;

use wasmparser::Operator;

use crate::bulk::{self, Length};
use crate::error::Result;
use crate::module::Module;
use crate::regions::{self, Step};
use crate::weights::{self, FOLD_MAX};

/// The folded functions of a module.
pub struct Folding {
    imported_functions: u32,
    /// By function index: the cost of a folded function's longest path.
    costs: Vec<Option<u64>>,
    /// By function index: folded, and neither it nor what it calls touches the fuel counter.
    quiet: Vec<bool>,
}

impl Folding {
    /// Finds the folded functions.
    pub fn find(module: &Module<'_>) -> Result<Self> {
        let functions = module.functions() as usize;
        let mut folding = Self {
            imported_functions: module.imported_functions,
            costs: vec![None; functions],
            quiet: vec![false; functions],
        };
        for function in callees_first(&candidates(module)?) {
            folding.fold(module, function)?;
        }
        Ok(folding)
    }

    /// Whether a function carries no check.
    pub fn is_folded(&self, function: u32) -> bool {
        self.costs[function as usize].is_some()
    }

    /// How many functions are folded.
    pub fn count(&self) -> usize {
        self.costs.iter().flatten().count()
    }

    /// The cost of each operator, as its region is charged for it.
    pub fn operator_costs(&self, operators: &[Operator<'_>]) -> Vec<u64> {
        let cost = |(position, operator): (usize, &Operator<'_>)| {
            let rest = match operator {
                Operator::Call { function_index } => self.call_cost(*function_index),
                _ => match bulk::length(operators, position) {
                    Some(Length::Static(units)) => units,
                    _ => 0,
                },
            };
            weights::weight(operator) + rest
        };
        operators.iter().enumerate().map(cost).collect()
    }

    /// Whether an operator may read or change the fuel counter's global, but for its length's
    /// charge.
    pub fn touches_counter(&self, operator: &Operator<'_>) -> bool {
        match operator {
            Operator::Call { function_index } => !self.quiet[*function_index as usize],
            Operator::CallIndirect { .. } | Operator::MemoryGrow { .. } => true,
            _ => false,
        }
    }

    fn call_cost(&self, function: u32) -> u64 {
        if function < self.imported_functions {
            return weights::IMPORT_CALL;
        }
        self.costs[function as usize].unwrap_or(0)
    }

    fn fold(&mut self, module: &Module<'_>, function: u32) -> Result<()> {
        let operators = module.operators((function - module.imported_functions) as usize)?;
        let steps = Step::all(&operators)?;
        let regions = regions::regions(&steps, &self.operator_costs(&operators));
        let longest = regions.checks.iter().map(|(_, charge)| *charge).sum();
        if longest <= FOLD_MAX {
            let dynamic = |at| bulk::length(&operators, at) == Some(Length::Dynamic);
            let touches = operators
                .iter()
                .enumerate()
                .any(|(at, operator)| self.touches_counter(operator) || dynamic(at));
            self.costs[function as usize] = Some(longest);
            self.quiet[function as usize] = !touches;
        }
        Ok(())
    }
}

/// By function index: for a function without loops that is only called by `call`, the functions it
/// calls; for any other none.
fn candidates(module: &Module<'_>) -> Result<Vec<Option<HashSet<u32>>>> {
    let mut found = vec![None; module.functions() as usize];
    for body in 0..module.bodies.len() {
        let function = module.imported_functions + body as u32;
        if module.entered_from_outside.contains(&function) {
            continue;
        }
        let operators = module.operators(body)?;
        if operators
            .iter()
            .any(|operator| matches!(operator, Operator::Loop { .. }))
        {
            continue;
        }
        let callees = operators.iter().filter_map(|operator| match operator {
            Operator::Call { function_index } => Some(*function_index),
            _ => None,
        });
        found[function as usize] = Some(callees.collect());
    }
    Ok(found)
}

/// The candidates on no cycle of candidates, each behind all candidates it calls.
fn callees_first(candidates: &[Option<HashSet<u32>>]) -> Vec<u32> {
    let mut calls = edges(candidates);
    let mut called_by: Vec<HashSet<u32>> = vec![HashSet::new(); candidates.len()];
    for (caller, callees) in calls.iter().enumerate() {
        callees.iter().for_each(|callee| {
            called_by[*callee as usize].insert(caller as u32);
        });
    }
    // What is left after taking away, again and again, those that call none and those that none
    // calls, lies on a cycle or between two.
    let mut left: HashSet<u32> = (0..)
        .zip(candidates)
        .filter_map(|(index, c)| c.as_ref().map(|_| index))
        .collect();
    let all = left.clone();
    let mut loose: Vec<u32> = left.iter().copied().collect();
    while let Some(function) = loose.pop() {
        let at = function as usize;
        if !left.contains(&function) || !(calls[at].is_empty() || called_by[at].is_empty()) {
            continue;
        }
        left.remove(&function);
        for callee in std::mem::take(&mut calls[at]) {
            called_by[callee as usize].remove(&function);
            loose.push(callee);
        }
        for caller in std::mem::take(&mut called_by[at]) {
            calls[caller as usize].remove(&function);
            loose.push(caller);
        }
    }
    let cycles = left;
    let open: HashSet<u32> = all.difference(&cycles).copied().collect();
    in_order(candidates, &open)
}

/// The calls among candidates.
fn edges(candidates: &[Option<HashSet<u32>>]) -> Vec<HashSet<u32>> {
    let is_candidate = |function: &&u32| candidates[**function as usize].is_some();
    candidates
        .iter()
        .map(|callees| {
            callees
                .iter()
                .flatten()
                .filter(is_candidate)
                .copied()
                .collect()
        })
        .collect()
}

/// The functions of `open`, which form no cycle, each behind those it calls.
fn in_order(candidates: &[Option<HashSet<u32>>], open: &HashSet<u32>) -> Vec<u32> {
    let mut callers = vec![Vec::new(); candidates.len()];
    let mut missing = vec![0usize; candidates.len()];
    for (caller, callees) in candidates.iter().enumerate() {
        if !open.contains(&(caller as u32)) {
            continue;
        }
        for callee in callees
            .iter()
            .flatten()
            .filter(|callee| open.contains(callee))
        {
            callers[*callee as usize].push(caller as u32);
            missing[caller] += 1;
        }
    }
    let mut ready: Vec<u32> = open
        .iter()
        .copied()
        .filter(|function| missing[*function as usize] == 0)
        .collect();
    let mut order = Vec::new();
    while let Some(function) = ready.pop() {
        order.push(function);
        for caller in &callers[function as usize] {
            missing[*caller as usize] -= 1;
            if missing[*caller as usize] == 0 {
                ready.push(*caller);
            }
        }
    }
    order
}
