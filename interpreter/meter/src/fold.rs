//! Which functions carry no check at their entry, its charge added to their callers' charges.
//!
//! A function is *folded* when only calls can enter it; the longest path of its own region (with
//! the folded functions it calls) costs at most [`FOLD_MAX`] units; and no way of calls leads from
//! it back to it without a check. So every loop and every recursion still passes a check, and every
//! check pays for all that runs until the next.

use wasmparser::Operator;

use crate::bulk::{self, Length};
use crate::calls::{self, Entry};
use crate::error::Result;
use crate::module::Module;
use crate::order;
use crate::regions;
use crate::step::Step;
use crate::weights::{self, FOLD_MAX};

/// The folded functions of a module.
pub struct Folding {
    imported_functions: u32,
    /// By function index: the cost of a folded function's longest path.
    costs: Vec<Option<u64>>,
    /// By function index: folded, and neither it nor what it calls touches the fuel counter.
    quiet: Vec<bool>,
    /// By type: the dearest folded function that `call_indirect` can enter.
    indirect: Vec<u64>,
}

/// What is charged where a function is entered.
struct Cost {
    units: u64,
    /// Whether nothing in it touches the fuel counter.
    quiet: bool,
}

impl Folding {
    /// Finds the folded functions.
    pub fn find(module: &Module<'_>) -> Result<Self> {
        let functions = module.functions() as usize;
        let mut folding = Self {
            imported_functions: module.imported_functions,
            costs: vec![None; functions],
            quiet: vec![false; functions],
            indirect: vec![0; module.types as usize],
        };
        let entries = calls::entries(module)?;
        let mut alone = vec![0; functions];
        let mut candidates = vec![false; functions];
        for function in module.imported_functions..module.functions() {
            let at = function as usize;
            alone[at] = folding.cost(module, function)?.units;
            candidates[at] = entries[at] != Entry::Any && alone[at] <= FOLD_MAX;
        }
        let calls = calls::calls(module, &entries, &candidates)?;
        for function in order::callees_first(calls, &alone) {
            folding.fold(module, function, entries[function as usize])?;
        }
        Ok(folding)
    }

    /// Whether a function carries no check at its entry.
    pub fn is_folded(&self, function: u32) -> bool {
        self.costs[function as usize].is_some()
    }

    /// How many functions are folded.
    pub fn count(&self) -> usize {
        self.costs.iter().flatten().count()
    }

    /// The cost of each operator, as its region is charged for it.
    pub fn operator_costs(&self, module: &Module<'_>, operators: &[Operator<'_>]) -> Vec<u64> {
        let cost = |(position, operator): (usize, &Operator<'_>)| {
            let rest = match operator {
                Operator::Call { function_index } => self.call_cost(*function_index),
                Operator::CallIndirect { type_index, .. } => {
                    self.indirect[module.same_types[*type_index as usize] as usize]
                }
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

    /// Folds a function, if it costs no more than it may, now that all it calls is decided.
    fn fold(&mut self, module: &Module<'_>, function: u32, entry: Entry) -> Result<()> {
        let Cost { units, quiet } = self.cost(module, function)?;
        if units > FOLD_MAX {
            return Ok(());
        }
        self.costs[function as usize] = Some(units);
        self.quiet[function as usize] = quiet;
        if entry == Entry::CallIndirect {
            let dearest = &mut self.indirect[module.type_of(function) as usize];
            *dearest = units.max(*dearest);
        }
        Ok(())
    }

    fn cost(&self, module: &Module<'_>, function: u32) -> Result<Cost> {
        let operators = module.operators((function - module.imported_functions) as usize)?;
        let steps = Step::all(&operators)?;
        let costs = self.operator_costs(module, &operators);
        let checks = regions::regions(&steps, &costs).checks;
        let dynamic = |at| bulk::length(&operators, at) == Some(Length::Dynamic);
        let touches = operators
            .iter()
            .enumerate()
            .any(|(at, operator)| self.touches_counter(operator) || dynamic(at));
        // The first check is that of the entry, the others are those of loops.
        Ok(Cost {
            units: checks.first().map_or(1, |(_, charge)| *charge),
            quiet: !touches && checks.len() == 1,
        })
    }
}
