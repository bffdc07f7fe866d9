//! What is to be put into one function body, operator by operator.

use wasmparser::Operator;

use crate::bulk::{self, Length};
use crate::error::Result;
use crate::fold::Folding;
use crate::regions::{self, Regions, Step};
use crate::{frames, scopes};

/// What the analyses found out about a function body. Each list is by operator.
pub struct Plan {
    /// What each operator does to the flow of control.
    pub steps: Vec<Step>,
    /// The checks, their charges, and what can be reached.
    pub regions: Regions,
    /// How the length of a bulk operation is charged.
    pub lengths: Vec<Option<Length>>,
    /// The loops that keep the counter in a local.
    pub scopes: Vec<bool>,
    /// The innermost loops.
    pub innermost: Vec<bool>,
    /// The settings of the stack pointer that need no check.
    pub unchecked: Vec<bool>,
}

impl Plan {
    /// Plans a function. A `folded` one has no checks. `stack_pointer` is the pointer's global.
    pub fn new(
        operators: &[Operator<'_>],
        folding: &Folding,
        folded: bool,
        stack_pointer: u32,
    ) -> Result<Self> {
        let steps = Step::all(operators)?;
        let mut regions = regions::regions(&steps, &folding.operator_costs(operators));
        if folded {
            regions.checks.clear();
        }
        let touches = |operator: &Operator<'_>| folding.touches_counter(operator);
        Ok(Self {
            regions,
            lengths: (0..operators.len())
                .map(|at| bulk::length(operators, at))
                .collect(),
            scopes: scopes::counter_scopes(operators, touches),
            innermost: scopes::innermost_loops(operators),
            unchecked: frames::unchecked(operators, &steps, stack_pointer),
            steps,
        })
    }
}
