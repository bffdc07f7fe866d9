//! Clones: every function a second time, without notes. The host sets `meter.unnoted` when a call
//! has become so long that its notes cost more than they save; from then on each call in a loop of
//! a function that notes enters a clone, and clones call clones alone.
//!
//! No code of the module can enter a clone before: the tables with clones are named by clones and,
//! where `meter.unnoted` is set, by what is written here.

use wasm_encoder::BlockType;

use crate::code::Code;

/// Where the clones are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clones {
    /// How far behind each defined function its clone stands.
    pub behind: u32,
    /// How many tables the module has. Those with clones stand in their place, which engines serve
    /// best, and they themselves behind those.
    pub tables: u32,
    /// The global `meter.unnoted`.
    pub unnoted: u32,
}

/// The two versions of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// It notes what it writes.
    Noting,
    /// It notes nothing.
    Clone,
}

/// Which version a call enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// The one that notes.
    Noting,
    /// The clone.
    Clone,
    /// Whichever `meter.unnoted` says when it runs.
    Chosen,
}

impl Version {
    /// What the calls of a function enter. What is called once before a function ends is not worth
    /// a choice.
    pub fn enters(self, in_loop: bool) -> Entered {
        match (self, in_loop) {
            (Self::Clone, _) => Entered::Clone,
            (Self::Noting, true) => Entered::Chosen,
            (Self::Noting, false) => Entered::Noting,
        }
    }
}

impl Clones {
    /// Writes a call of a defined function of type `ty`.
    pub fn call(&self, code: &mut Code, entered: Entered, ty: u32, function: u32) {
        let clone = function + self.behind;
        let mut sink = code.put();
        match entered {
            Entered::Noting => sink.call(function),
            Entered::Clone => sink.call(clone),
            Entered::Chosen => sink
                .global_get(self.unnoted)
                .if_(BlockType::FunctionType(ty))
                .call(clone)
                .else_()
                .call(function)
                .end(),
        };
    }

    /// Writes a call through a table of the module; the place in it is on the stack. `scratch` is a
    /// free i32 local.
    pub fn call_indirect(
        &self,
        code: &mut Code,
        entered: Entered,
        ty: u32,
        table: u32,
        scratch: u32,
    ) {
        let own = table + self.tables;
        let mut sink = code.put();
        match entered {
            Entered::Noting => sink.call_indirect(own, ty),
            Entered::Clone => sink.call_indirect(table, ty),
            Entered::Chosen => sink
                .local_set(scratch)
                .global_get(self.unnoted)
                .if_(BlockType::FunctionType(ty))
                .local_get(scratch)
                .call_indirect(table, ty)
                .else_()
                .local_get(scratch)
                .call_indirect(own, ty)
                .end(),
        };
    }
}
