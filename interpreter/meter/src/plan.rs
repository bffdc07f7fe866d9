//! What is to be put into one function body, operator by operator.

use wasm_encoder::ValType;
use wasmparser::Operator;

use crate::bulk::{self, Length};
use crate::clones::Version;
use crate::error::Result;
use crate::fold::Folding;
use crate::frames::Setting;
use crate::module::{Module, Operands};
use crate::refuse::ShadowStack;
use crate::regions::{self, Regions};
use crate::step::Step;
use crate::stores::store;
use crate::{bases, frames, loops, notes, scopes};

/// What the analyses found out about a function body. Each list is by operator.
pub struct Plan {
    /// Which version of the function is written.
    pub version: Version,
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
    /// What is known of each setting of the stack pointer.
    pub settings: Vec<Setting>,
    /// Whether each operator stands in a loop.
    pub in_loop: Vec<bool>,
    /// The note of each store that is to note its page.
    pub notes: Vec<Option<Note>>,
}

/// How a store notes its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// Where the store's address is.
    pub address: Address,
    /// The offset from there whose page is noted.
    pub from: u32,
}

/// Where the address of a store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// In this local.
    Local(u32),
    /// On the stack alone.
    Operand,
}

impl Plan {
    /// Plans a version of a function. A `folded` one has no check at its entry. `stack` is the
    /// shadow stack.
    pub fn new(
        module: &Module<'_>,
        version: Version,
        operators: &[Operator<'_>],
        operands: &Operands,
        folding: &Folding,
        folded: bool,
        stack: &ShadowStack,
    ) -> Result<Self> {
        let steps = Step::all(operators)?;
        let mut regions = regions::regions(&steps, &folding.operator_costs(module, operators));
        if folded {
            regions.checks.retain(|(at, _)| *at != 0);
        }
        let touches = |operator: &Operator<'_>| folding.touches_counter(operator);
        Ok(Self {
            regions,
            lengths: (0..operators.len())
                .map(|at| bulk::length(operators, at))
                .collect(),
            scopes: scopes::counter_scopes(operators, touches),
            innermost: scopes::innermost_loops(operators),
            settings: frames::settings(operators, &steps, stack),
            in_loop: loops::inside(operators),
            notes: match version {
                Version::Noting => plan_notes(operators, &steps, operands, stack),
                Version::Clone => vec![None; operators.len()],
            },
            version,
            steps,
        })
    }

    /// The types of what is stored under notes whose address no local holds.
    pub fn noted_types(&self, operators: &[Operator<'_>]) -> Vec<ValType> {
        let noted = self.notes.iter().zip(operators);
        noted
            .filter(|(note, _)| note.is_some_and(|note| note.address == Address::Operand))
            .filter_map(|(_, operator)| store(operator).map(|store| store.value))
            .collect()
    }
}

fn plan_notes(
    operators: &[Operator<'_>],
    steps: &[Step],
    operands: &Operands,
    stack: &ShadowStack,
) -> Vec<Option<Note>> {
    let bases = bases::bases(operators, steps, operands);
    let on_stack = frames::on_stack(operators, steps, stack, &bases);
    let notes = notes::notes(operators, steps, &bases, &on_stack);
    let address = |base: &Option<u32>| base.map_or(Address::Operand, Address::Local);
    let note = |(from, base): (&Option<u32>, _)| {
        from.map(|from| Note {
            address: address(base),
            from,
        })
    };
    notes.iter().zip(&bases).map(note).collect()
}
