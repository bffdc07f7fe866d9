//! The rule of README.md a second time, written from the page and not from the pass: which checks
//! there are, what each charges, and what each operator costs as it runs.

mod compose;
mod flow;
mod fold;
mod generate;
mod trace;

pub use compose::compose;
pub use generate::generate;
pub use trace::{Traced, run};

use std::collections::{HashMap, HashSet};

use wasmparser::{ElementItems, ExternalKind, Operator, Parser, Payload};

/// A place in a module: function and operator.
pub type Spot = (u32, u32);

/// A module as the rule sees it. Functions are counted without imports: there are none.
#[derive(Default)]
pub struct Source<'a> {
    /// The operators of each function.
    pub functions: Vec<Vec<Operator<'a>>>,
    /// The functions that can be called otherwise than by `call`.
    pub outside: Vec<u32>,
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
                Payload::StartSection { func, .. } => source.outside.push(func),
                Payload::ExportSection(section) => {
                    let exports = section.into_iter().map(Result::unwrap);
                    let functions = exports.filter(|export| export.kind == ExternalKind::Func);
                    source.outside.extend(functions.map(|export| export.index));
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        source.add_elements(element.unwrap().items);
                    }
                }
                Payload::GlobalSection(section) => {
                    section
                        .into_iter()
                        .for_each(|g| source.add_taken(&g.unwrap().init_expr));
                }
                _ => {}
            }
        }
        source
    }

    fn add_elements(&mut self, items: ElementItems<'_>) {
        match items {
            ElementItems::Functions(functions) => {
                self.outside
                    .extend(functions.into_iter().map(Result::unwrap));
            }
            ElementItems::Expressions(_, expressions) => {
                expressions
                    .into_iter()
                    .for_each(|e| self.add_taken(&e.unwrap()));
            }
        }
    }

    fn add_taken(&mut self, expression: &wasmparser::ConstExpr<'_>) {
        for operator in expression.get_operators_reader() {
            if let Operator::RefFunc { function_index } = operator.unwrap() {
                self.outside.push(function_index);
            }
        }
    }
}

/// The rule for a module.
pub fn rule(source: &Source<'_>) -> Rule {
    let folded = fold::folded(source);
    let mut rule = Rule::default();
    for (function, operators) in (0..).zip(&source.functions) {
        let costs = operator_costs(operators, &|callee| folded[callee as usize]);
        if folded[function as usize].is_none() {
            for (at, charge) in flow::charges(operators, &costs) {
                rule.charges.insert((function, at as u32), charge);
            }
        }
        let alone = operator_costs(operators, &|_| None);
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

/// What each operator of a function costs, the folded functions it calls included.
fn operator_costs(operators: &[Operator<'_>], folded: &dyn Fn(u32) -> Option<u64>) -> Vec<u64> {
    let cost = |at: usize| {
        let operator = &operators[at];
        let mut units = meter::weights::weight(operator);
        if let Operator::Call { function_index } = operator {
            units += folded(*function_index).unwrap_or(0);
        }
        if is_bulk(operator) {
            units += constant_length(operators, at).unwrap_or(0) * meter::weights::BULK_BYTE;
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
