//! What a call has read that another call of the same script would find different: a host may use
//! again what a script leaves only if that script has read nothing of the kind.

use std::cell::Cell;

/// Something that a call can read and that belongs to that call alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observation {
    /// The time, in whatever form.
    Clock = 1,
    /// A random number.
    Random = 2,
}

impl Observation {
    /// Every one there is.
    pub const ALL: [Self; 2] = [Self::Clock, Self::Random];
}

/// What the present call has read.
#[derive(Debug, Default)]
pub struct Observed {
    bits: Cell<i32>,
}

impl Observed {
    /// Notes a read. There is no branch here: the first read costs what every other costs.
    pub fn note(&self, what: Observation) {
        self.bits.set(self.bits.get() | what as i32);
    }

    /// Whether the present call has read it.
    pub fn has(&self, what: Observation) -> bool {
        self.bits.get() & what as i32 != 0
    }

    /// Forgets every read, when a call begins.
    pub fn clear(&self) {
        self.bits.set(0);
    }
}
