//! A wasm-to-wasm pass that puts limits of fuel, memory and stack into a module.
//!
//! `README.md` states the rules: what is charged, when, and what is refused. The files, in the
//! order in which a module passes them:
//!
//! - `refuse`: what cannot be metered
//! - `module`: the module taken apart
//! - `weights`: what each operator costs
//! - `step`, `region`, `regions`: the longest path from each check to the next
//! - `calls`, `order`, `fold`: functions without a check at their entry
//! - `loops`, `scopes`: what loops assign, and which keep the counter in a local
//! - `frames`: settings of the stack pointer that need no check, or a lesser one
//! - `stores`, `bases`, `notes`: what a store writes, where, and whether it must note it
//! - `clones`: every function a second time, without notes
//! - `plan`, `rewrite`, `writer`, `labels`, `code`: a function body, with `fuel`, `bulk`,
//!   `memory`, `stack` and `written` for what is put in
//! - `added`, `renumber`, `assemble`: the metered module
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod added;
mod assemble;
mod bases;
mod bulk;
mod calls;
mod clones;
mod code;
mod error;
mod fold;
mod frames;
mod fuel;
mod labels;
mod loops;
mod memory;
mod module;
mod notes;
mod order;
mod plan;
mod refuse;
mod region;
mod regions;
mod renumber;
mod rewrite;
mod scopes;
mod stack;
mod step;
mod stores;
pub mod weights;
mod writer;
mod written;

pub use added::{STACK_LOW, Trap};
pub use error::{MeterError, Place, Result};

use crate::clones::Version;

/// A metered module and what was done to it.
#[derive(Debug, Clone)]
pub struct Report {
    /// The metered module.
    pub bytes: Vec<u8>,
    /// How many functions the input defines.
    pub functions: usize,
    /// How many checks were put in.
    pub checks: usize,
    /// How many functions carry no check at their entry, its charge added to their callers'.
    pub folded: usize,
    /// The largest charge of a check, in units of fuel: how far below zero the counter can be when
    /// the module traps.
    pub charge_max: u64,
}

/// Meters a module.
///
/// # Errors
/// See [`MeterError`]: bytes that are no valid module, and modules that cannot be metered.
pub fn meter(bytes: &[u8]) -> Result<Vec<u8>> {
    Ok(report(bytes, Notes::Kept)?.bytes)
}

/// Whether written pages are noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notes {
    /// They are.
    Kept,
    /// They are not, and nothing of them is exported: to measure what the limits alone cost.
    Left,
}

/// Meters a module, and reports what was done.
///
/// # Errors
/// As [`meter`].
pub fn report(bytes: &[u8], notes: Notes) -> Result<Report> {
    refuse::validate(bytes)?;
    let module = module::Module::parse(bytes)?;
    refuse::check_sections(&module)?;
    let added = added::Added::new(&module, refuse::find_stack(&module)?, notes);
    let folding = fold::Folding::find(&module)?;
    let rewriter = rewrite::Rewriter {
        module: &module,
        added: &added,
        folding: &folding,
    };
    let functions = rewriter.bodies(Version::Noting)?;
    let clones = match added.clones {
        Some(_) => rewriter.bodies(Version::Clone)?,
        None => Vec::new(),
    };
    let charges = || functions.iter().flat_map(|metered| &metered.charges);
    let checks = charges().count();
    let charge_max = charges().copied().fold(1, u64::max);
    let bytes = assemble::assemble(&module, &added, functions, clones)?;
    refuse::validate_metered(&bytes)?;
    Ok(Report {
        bytes,
        functions: module.bodies.len(),
        checks,
        folded: folding.count(),
        charge_max,
    })
}
