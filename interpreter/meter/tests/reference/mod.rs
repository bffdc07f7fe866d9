//! The rule of README.md a second time, written from the page and not from the pass: which checks
//! there are, what each charges, and what each operator costs as it runs.

mod compose;
mod control;
mod flow;
mod fold;
mod generate;
mod trace;

pub use compose::compose;
pub use generate::generate;
pub use trace::{Traced, run};

use std::collections::{HashMap, HashSet};

use wasmparser::{ElementItems, ExternalKind, FuncType, Operator, Parser, Payload};

/// A place in a module: function and operator.
pub type Spot = (u32, u32);

/// A module as the rule sees it. Functions are counted without imports: there are none.
#[derive(Default)]
pub struct Source<'a> {
    /// The operators of each function.
    pub functions: Vec<Vec<Operator<'a>>>,
    /// The types.
    pub types: Vec<FuncType>,
    /// The type of each function.
    pub function_types: Vec<u32>,
    /// The functions that can be called otherwise than by `call` and `call_indirect`.
    pub outside: Vec<u32>,
    /// The functions that a table may hold.
    pub in_table: Vec<u32>,
    /// Whether a table is exported.
    pub exports_table: bool,
}

/// What a module is charged.
#[derive(Default)]
pub struct Rule {
    /// The charge of each check.
    pub charges: HashMap<Spot, u64>,
    /// The cost of each operator as it runs, without a callee's and without a length's.
    pub costs: HashMap<Spot, u64>,
    /// The bulk operations charged by a length known only as they run.
    pub dynamic: HashSet<Spot>,
    /// The operators that the next check pays for.
    pub paid_later: HashSet<Spot>,
    /// The growths of memory.
    pub grows: HashSet<Spot>,
}

impl<'a> Source<'a> {
    /// Reads a module without imports.
    pub fn read(bytes: &'a [u8]) -> Self {
        let mut source = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.expect("a valid module") {
                Payload::CodeSectionEntry(body) => {
                    let operators = body.get_operators_reader().unwrap().into_iter();
                    source
                        .functions
                        .push(operators.map(Result::unwrap).collect());
                }
                Payload::TypeSection(section) => {
                    let groups = section.into_iter().map(Result::unwrap);
                    let types = groups.flat_map(wasmparser::RecGroup::into_types);
                    source
                        .types
                        .extend(types.map(|ty| ty.unwrap_func().clone()));
                }
                Payload::FunctionSection(section) => {
                    let types = section.into_iter().map(Result::unwrap);
                    source.function_types.extend(types);
                }
                Payload::StartSection { func, .. } => source.outside.push(func),
                Payload::ExportSection(section) => {
                    for export in section.into_iter().map(Result::unwrap) {
                        match export.kind {
                            ExternalKind::Func => source.outside.push(export.index),
                            ExternalKind::Table => source.exports_table = true,
                            _ => {}
                        }
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        source.add_elements(element.unwrap().items);
                    }
                }
                Payload::GlobalSection(section) => {
                    let globals = section.into_iter().map(Result::unwrap);
                    let taken = globals.flat_map(|global| taken(&global.init_expr));
                    source.outside.extend(taken);
                }
                _ => {}
            }
        }
        source
    }

    fn add_elements(&mut self, items: ElementItems<'_>) {
        match items {
            ElementItems::Functions(functions) => {
                self.in_table
                    .extend(functions.into_iter().map(Result::unwrap));
            }
            ElementItems::Expressions(_, expressions) => {
                let expressions = expressions.into_iter().map(Result::unwrap);
                self.in_table
                    .extend(expressions.flat_map(|expression| taken(&expression)));
            }
        }
    }
}

/// The functions that an initial value refers to.
fn taken(expression: &wasmparser::ConstExpr<'_>) -> Vec<u32> {
    let operators = expression.get_operators_reader().into_iter();
    let function = |operator| match operator {
        Ok(Operator::RefFunc { function_index }) => Some(function_index),
        _ => None,
    };
    operators.filter_map(function).collect()
}

/// The rule for a module.
pub fn rule(source: &Source<'_>) -> Rule {
    let folded = fold::folded(source);
    let mut rule = Rule::default();
    for (function, operators) in (0..).zip(&source.functions) {
        let costs = operator_costs(operators, &|operator| folded.of(operator));
        let is_folded = folded.costs[function as usize].is_some();
        // The first is that of the entry.
        let charges = flow::charges(operators, &costs);
        for (at, charge) in charges.checks.into_iter().skip(usize::from(is_folded)) {
            rule.charges.insert((function, at as u32), charge);
        }
        let later = charges.paid_later.into_iter();
        rule.paid_later
            .extend(later.map(|at| (function, at as u32)));
        let alone = operator_costs(operators, &|_| 0);
        for (at, cost) in alone.iter().enumerate() {
            rule.costs.insert((function, at as u32), *cost);
            if is_bulk(&operators[at]) && constant_length(operators, at).is_none() {
                rule.dynamic.insert((function, at as u32));
            }
            if matches!(operators[at], Operator::MemoryGrow { .. }) {
                rule.grows.insert((function, at as u32));
            }
        }
    }
    rule
}

/// What each operator of a function costs, with what `folded` says of those that call.
fn operator_costs(operators: &[Operator<'_>], folded: &dyn Fn(&Operator<'_>) -> u64) -> Vec<u64> {
    let cost = |at: usize| {
        let operator = &operators[at];
        let mut units = meter::weights::weight(operator) + folded(operator);
        if is_bulk(operator) {
            let length = constant_length(operators, at).unwrap_or(0);
            units += length * meter::weights::BULK_BYTE;
        }
        units
    };
    (0..operators.len()).map(cost).collect()
}

fn is_bulk(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::MemoryCopy { .. } | Operator::MemoryFill { .. }
    )
}

/// A bulk operation's length when it is a constant of at most 256, given just before.
fn constant_length(operators: &[Operator<'_>], at: usize) -> Option<u64> {
    match operators.get(at.wrapping_sub(1)) {
        Some(Operator::I32Const { value }) if (0..=256).contains(value) => Some(*value as u64),
        _ => None,
    }
}
