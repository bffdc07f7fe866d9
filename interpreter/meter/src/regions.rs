//! Which operators a check pays for: the longest path from each check to the next. Pure.
//!
//! A *check* stands at a function's entry and at each loop's header. The *region* of a check is the
//! function's (or the loop's) own operators without those of the loops inside, and its charge is
//! the cost of the dearest path through it. An inner loop is a step of cost 0 that may leave by any
//! of its exits: its own check pays for each of its rounds.

use wasmparser::Operator;

/// What an operator does to the flow of control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Goes on with the next operator.
    Straight,
    /// Opens a block.
    Block,
    /// Opens a loop.
    Loop,
    /// Opens an `if`.
    If,
    /// Starts the other arm of the innermost `if`.
    Else,
    /// Closes the innermost block, loop, `if`, or the function.
    End,
    /// May branch to these relative depths and, when `falls`, may go on with the next operator.
    Branch {
        /// The relative depths, innermost 0.
        depths: Vec<u32>,
        /// Whether the next operator can follow.
        falls: bool,
    },
    /// Leaves the function.
    Exit,
}

/// What the meter charges in one function.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Regions {
    /// The checks: before which operator each stands (in rising order), and its charge.
    pub checks: Vec<(usize, u64)>,
    /// For each operator, whether control can reach it.
    pub live: Vec<bool>,
}

struct Region {
    start: usize,
    /// The cost of the dearest path to here; none when control cannot be here.
    path: Option<u64>,
    longest: u64,
    reached: bool,
}

struct Label {
    region: usize,
    opened_by: Step,
    /// The dearest path that leaves to the label's end.
    arrival: Option<u64>,
    /// The path at an `if`, where its other arm starts.
    fork: Option<u64>,
}

impl Step {
    /// The steps of a function's operators.
    pub fn all(operators: &[Operator<'_>]) -> Result<Vec<Self>, wasmparser::BinaryReaderError> {
        operators.iter().map(Self::of).collect()
    }

    /// The step of an operator. Tail calls, exceptions and stack switching never come here.
    fn of(operator: &Operator<'_>) -> Result<Self, wasmparser::BinaryReaderError> {
        Ok(match operator {
            Operator::Block { .. } => Self::Block,
            Operator::Loop { .. } => Self::Loop,
            Operator::If { .. } => Self::If,
            Operator::Else => Self::Else,
            Operator::End => Self::End,
            Operator::Br { relative_depth } => Self::Branch {
                depths: vec![*relative_depth],
                falls: false,
            },
            Operator::BrIf { relative_depth } => Self::Branch {
                depths: vec![*relative_depth],
                falls: true,
            },
            Operator::BrTable { targets } => {
                let mut depths = targets.targets().collect::<Result<Vec<_>, _>>()?;
                depths.push(targets.default());
                Self::Branch {
                    depths,
                    falls: false,
                }
            }
            Operator::Return | Operator::Unreachable => Self::Exit,
            _ => Self::Straight,
        })
    }
}

/// Finds the checks and charges of a function from its steps and each step's cost.
/// The steps must be those of a valid function body, its last `end` included.
pub fn regions(steps: &[Step], costs: &[u64]) -> Regions {
    let mut walk = Walk::new(steps.len());
    for (position, (step, cost)) in steps.iter().zip(costs).enumerate() {
        walk.step(position, step, *cost);
    }
    let mut checks: Vec<_> = walk
        .regions
        .iter()
        .filter(|region| region.reached)
        .map(|region| (region.start, region.longest.max(1)))
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
        let body = Region {
            start: 0,
            path: Some(0),
            longest: 0,
            reached: true,
        };
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
            Step::Block | Step::If => self.push_label(step),
            Step::Loop => self.enter_loop(position),
            Step::Else => self.other_arm(),
            Step::End => self.end(),
            Step::Branch { depths, falls } => {
                depths.iter().for_each(|depth| self.branch(*depth));
                if !falls {
                    self.region().path = None;
                }
            }
            Step::Exit => self.region().path = None,
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
        let region = self.open[self.open.len() - 1];
        let fork = self.path();
        self.labels.push(Label {
            region,
            opened_by: opened_by.clone(),
            arrival: None,
            fork,
        });
    }

    fn enter_loop(&mut self, position: usize) {
        let reached = self.path().is_some();
        let path = reached.then_some(0);
        self.regions.push(Region {
            start: position + 1,
            path,
            longest: 0,
            reached,
        });
        self.open.push(self.regions.len() - 1);
        self.push_label(&Step::Loop);
    }

    fn branch(&mut self, depth: u32) {
        if self.path().is_none() {
            return;
        }
        let target = self.labels.len() - 1 - depth as usize;
        let label = &mut self.labels[target];
        if label.opened_by != Step::Loop {
            // None orders below Some, so this is the dearer of the two.
            label.arrival = label.arrival.max(self.regions[label.region].path);
        }
    }

    fn other_arm(&mut self) {
        let path = self.path();
        let last = self.labels.len() - 1;
        let label = &mut self.labels[last];
        label.arrival = label.arrival.max(path);
        label.opened_by = Step::Block;
        let fork = label.fork;
        self.region().path = fork;
    }

    fn end(&mut self) {
        let Some(label) = self.labels.pop() else {
            return;
        };
        if label.opened_by == Step::Loop {
            let falls = self.path().is_some();
            self.open.pop();
            if !falls {
                self.region().path = None;
            }
            return;
        }
        let skipped = if label.opened_by == Step::If {
            label.fork
        } else {
            None
        };
        let region = self.region();
        region.path = region.path.max(label.arrival).max(skipped);
    }
}
