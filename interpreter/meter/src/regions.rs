//! Which operators a check pays for: the longest path from each check to the next. Pure.
//!
//! A *check* stands at a function's entry, at each loop's header and at the start of each arm of a
//! switch. The *region* of a check is the function's (or the loop's, or the arm's) own operators
//! without those of the loops and arms inside, and its charge is the cost of the dearest path
//! through it. An inner loop is a step of cost 0 that may leave by any of its exits: its own check
//! pays for each of its rounds; and so is an arm, which ends where the construct around it does.
//! What arms share, at the end of a block around them, is an arm as well. A loop all of whose ways
//! lead to its arms, without a call, has no check at its header: its arms are charged for the way.

use std::collections::BTreeSet;

use crate::region::{Kind, Region};
use crate::step::Step;
use crate::weights::ARMS_MIN;

/// What the meter charges in one function.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Regions {
    /// The checks: before which operator each stands (in rising order), and its charge.
    pub checks: Vec<(usize, u64)>,
    /// For each operator, whether control can reach it.
    pub live: Vec<bool>,
}

struct Label {
    /// How many regions stay open where control goes on after a branch to it.
    kept: usize,
    opened_by: Step,
    /// The dearest path that leaves to the label's end.
    arrival: Option<u64>,
    /// The path at an `if`, where its other branch starts.
    fork: Option<u64>,
    /// Whether an arm of a switch starts at its end.
    before_arm: bool,
    /// How many arms are open that end with it.
    arms: usize,
}

/// Finds the checks and charges of a function from its steps and each step's cost.
/// The steps must be those of a valid function body, its last `end` included.
pub fn regions(steps: &[Step], costs: &[u64]) -> Regions {
    let mut walk = Walk::new(steps.len());
    for (position, (step, cost)) in steps.iter().zip(costs).enumerate() {
        walk.step(position, step, *cost);
    }
    let charge = |region: &Region| match region.kind {
        Kind::Arm { of, way } if walk.regions[of].is_paid_by_arms() => way + region.longest,
        _ => region.longest,
    };
    let mut checks: Vec<_> = walk
        .regions
        .iter()
        .filter(|region| region.reached && !region.is_paid_by_arms())
        .map(|region| (region.start, charge(region).max(1)))
        .collect();
    checks.sort_unstable();
    Regions {
        checks,
        live: walk.live,
    }
}

struct Walk {
    regions: Vec<Region>,
    /// The regions that are open, innermost last.
    open: Vec<usize>,
    labels: Vec<Label>,
    live: Vec<bool>,
}

impl Walk {
    fn new(steps: usize) -> Self {
        let body = Region::new(Kind::Body, 0, Some(0));
        let mut walk = Self {
            regions: vec![body],
            open: vec![0],
            labels: Vec::new(),
            live: Vec::with_capacity(steps),
        };
        walk.push_label(&Step::Block);
        walk
    }

    fn step(&mut self, position: usize, step: &Step, cost: u64) {
        let live = self.path().is_some();
        self.live.push(live);
        let region = self.region();
        if let Some(path) = &mut region.path {
            *path += cost;
            region.longest = region.longest.max(*path);
        }
        match step {
            Step::Straight => {}
            // What is called would run before it is paid for, or pay for itself alone.
            Step::Call => self.leave_unpaid(0),
            Step::Block | Step::If => self.push_label(step),
            Step::Loop => self.enter_loop(position),
            Step::Else => self.other_branch(),
            Step::End => self.end(position),
            Step::Branch { depths, falls } => {
                depths.iter().for_each(|depth| self.branch(*depth));
                if live && self.region().kind == Kind::Loop && is_switch(depths) {
                    depths
                        .iter()
                        .for_each(|depth| self.label(*depth).before_arm = true);
                }
                if !falls {
                    self.region().path = None;
                }
            }
            Step::Exit { returns } => {
                if *returns {
                    self.leave_unpaid(0);
                }
                self.region().path = None;
            }
        }
    }

    fn region(&mut self) -> &mut Region {
        let innermost = self.open[self.open.len() - 1];
        &mut self.regions[innermost]
    }

    fn path(&mut self) -> Option<u64> {
        self.region().path
    }

    fn push_label(&mut self, opened_by: &Step) {
        let fork = self.path();
        self.labels.push(Label {
            // A loop's header is where it begins again.
            kept: self.open.len() - usize::from(*opened_by == Step::Loop),
            opened_by: opened_by.clone(),
            arrival: None,
            fork,
            before_arm: false,
            arms: 0,
        });
    }

    /// Opens a region that starts behind a position.
    fn enter(&mut self, kind: Kind, position: usize) {
        let path = self.path().map(|_| 0);
        self.regions.push(Region::new(kind, position + 1, path));
        self.open.push(self.regions.len() - 1);
    }

    fn enter_arm(&mut self, position: usize) {
        let mut around = self.open.iter().rev();
        let of = around.find(|region| !self.regions[**region].is_arm());
        let of = of.copied().unwrap_or(0);
        self.regions[of].has_arms = true;
        let way = self.regions[of].path.unwrap_or(0);
        self.enter(Kind::Arm { of, way }, position);
    }

    /// Notes that control, if it is here, leaves all open regions but so many. Those around an arm
    /// it leaves through that.
    fn leave_unpaid(&mut self, kept: usize) {
        if self.path().is_none() {
            return;
        }
        for region in self.open[kept..].iter().rev() {
            if self.regions[*region].is_arm() {
                return;
            }
            self.regions[*region].leaks = true;
        }
    }

    /// Closes the innermost region. The one around it goes on where it was, if this one falls out.
    fn leave(&mut self) -> bool {
        let falls = self.path().is_some();
        self.open.pop();
        if !falls {
            self.region().path = None;
        }
        falls
    }

    fn enter_loop(&mut self, position: usize) {
        // Its rounds are no part of the way to an arm.
        self.leave_unpaid(0);
        self.enter(Kind::Loop, position);
        self.push_label(&Step::Loop);
    }

    fn label(&mut self, depth: u32) -> &mut Label {
        let target = self.labels.len() - 1 - depth as usize;
        &mut self.labels[target]
    }

    fn end_arms(&mut self) {
        for _ in 0..std::mem::take(&mut self.label(0).arms) {
            if self.leave() {
                self.label(0).before_arm = true;
            }
        }
    }

    fn branch(&mut self, depth: u32) {
        if self.path().is_none() {
            return;
        }
        let kept = self.label(depth).kept;
        self.leave_unpaid(kept);
        if self.label(depth).opened_by == Step::Loop {
            return;
        }
        let path = self.regions[self.open[kept - 1]].path;
        let left = &self.open[kept..];
        let from_arm = left.iter().any(|region| self.regions[*region].is_arm());
        let label = self.label(depth);
        // None orders below Some, so this is the dearer of the two.
        label.arrival = label.arrival.max(path);
        label.before_arm |= from_arm;
    }

    fn other_branch(&mut self) {
        self.end_arms();
        let path = self.path();
        let label = self.label(0);
        label.arrival = label.arrival.max(path);
        label.opened_by = Step::Block;
        let fork = label.fork;
        self.region().path = fork;
    }

    fn end(&mut self, position: usize) {
        let in_arm = self.label(0).arms > 0;
        self.end_arms();
        let Some(label) = self.labels.pop() else {
            return;
        };
        if label.opened_by == Step::Loop {
            let falls = self.path().is_some();
            self.region().leaks |= falls && !in_arm;
            self.leave();
            return;
        }
        let skipped = if label.opened_by == Step::If {
            label.fork
        } else {
            None
        };
        let region = self.region();
        region.path = region.path.max(label.arrival).max(skipped);
        if let (true, Some(around)) = (label.before_arm, self.labels.last_mut()) {
            around.arms += 1;
            self.enter_arm(position);
        }
    }
}

/// Whether a branch to these depths is a switch, with arms of its own.
fn is_switch(depths: &[u32]) -> bool {
    depths.iter().collect::<BTreeSet<_>>().len() >= ARMS_MIN
}
