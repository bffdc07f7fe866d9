//! One region of a function: what a check pays for.

/// What a region belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A function.
    Body,
    /// A loop.
    Loop,
    /// Of a switch in this region.
    Arm {
        /// That region.
        of: usize,
        /// The dearest path in that region to the arm.
        way: u64,
    },
}

/// What is known of a region while its function is walked.
pub struct Region {
    /// What it belongs to.
    pub kind: Kind,
    /// Before which operator it starts.
    pub start: usize,
    /// The cost of the dearest path to here; none when control cannot be here.
    pub path: Option<u64>,
    /// That of the dearest path through it.
    pub longest: u64,
    /// Whether control can come to it.
    pub reached: bool,
    /// Whether arms of switches stand in it.
    pub has_arms: bool,
    /// Control can leave it, or come to its header again, without passing an arm.
    pub leaks: bool,
}

impl Region {
    /// A region that no path has gone through yet.
    pub fn new(kind: Kind, start: usize, path: Option<u64>) -> Self {
        Self {
            kind,
            start,
            path,
            longest: 0,
            reached: path.is_some(),
            has_arms: false,
            leaks: false,
        }
    }

    /// Whether it is an arm.
    pub fn is_arm(&self) -> bool {
        matches!(self.kind, Kind::Arm { .. })
    }

    /// Whether its arms are charged for it.
    pub fn is_paid_by_arms(&self) -> bool {
        self.kind == Kind::Loop && self.has_arms && !self.leaks
    }
}
