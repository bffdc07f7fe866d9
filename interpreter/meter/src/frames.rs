//! What is known of stack frames: which settings of the stack pointer need no check, because they
//! give a frame back, which can only leave the stack at its lower end, and which stores write
//! within a frame.
//!
//! The pointer is always within its bounds. So is every value from a frame (a local set to the
//! pointer less a constant, and checked) up to where the pointer was before: what an epilogue sets.
//! And the pointer or a frame less a constant, what a prologue sets, is never above the stack.
//! A forward walk knows, at each operator, the locals that surely hold a frame, and its length.

use std::collections::BTreeMap;

use wasmparser::Operator;

use crate::loops;
use crate::refuse::ShadowStack;
use crate::step::Step;
use crate::stores::store;

/// What is known of a value that the stack pointer is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// It is within bounds.
    GivesBack,
    /// As a signed number it is not above the stack's upper end, which is not negative.
    Lowers,
    /// Nothing.
    Unknown,
}

/// For each local that holds a frame, how many bytes above it surely belong to the stack.
type Frames = BTreeMap<u32, u32>;

/// For each operator that sets the stack pointer, what is known of the value. `steps` are the
/// operators' steps.
pub fn settings(operators: &[Operator<'_>], steps: &[Step], stack: &ShadowStack) -> Vec<Setting> {
    visit(operators, steps, stack.pointer, |walk, position| {
        if !sets(&operators[position], stack.pointer) {
            Setting::Unknown
        } else if walk.gives_back(position) {
            Setting::GivesBack
        } else if walk.lowers(position) && i32::try_from(stack.high).is_ok() {
            Setting::Lowers
        } else {
            Setting::Unknown
        }
    })
    .unwrap_or_else(|| vec![Setting::Unknown; operators.len()])
}

/// For each operator, whether it is a store that surely writes within a frame. `bases` are the
/// locals that hold the stores' addresses.
pub fn on_stack(
    operators: &[Operator<'_>],
    steps: &[Step],
    stack: &ShadowStack,
    bases: &[Option<u32>],
) -> Vec<bool> {
    visit(operators, steps, stack.pointer, |walk, position| {
        let (Some(store), Some(base)) = (store(&operators[position]), bases[position]) else {
            return false;
        };
        let length = walk.frames.as_ref().and_then(|frames| frames.get(&base));
        let end = u64::from(store.offset) + u64::from(store.bytes);
        length.is_some_and(|length| end <= u64::from(*length))
    })
    .unwrap_or_else(|| vec![false; operators.len()])
}

fn sets(operator: &Operator<'_>, pointer: u32) -> bool {
    matches!(operator, Operator::GlobalSet { global_index } if *global_index == pointer)
}

/// Asks about each operator what is known before it. None where nothing sets the pointer: there are
/// no frames.
fn visit<'o, 'a, T>(
    operators: &'o [Operator<'a>],
    steps: &[Step],
    pointer: u32,
    ask: impl Fn(&Walk<'o, 'a>, usize) -> T,
) -> Option<Vec<T>> {
    if !operators.iter().any(|operator| sets(operator, pointer)) {
        return None;
    }
    let mut found = Vec::with_capacity(operators.len());
    let mut walk = Walk {
        operators,
        pointer,
        frames: Some(Frames::new()),
        labels: Vec::new(),
    };
    walk.labels.push(Label {
        is_loop: false,
        arrival: None,
        fork: None,
    });
    for (position, step) in steps.iter().enumerate() {
        found.push(ask(&walk, position));
        walk.step(position, step);
    }
    Some(found)
}

struct Label {
    is_loop: bool,
    /// What all branches to its end know.
    arrival: Option<Frames>,
    /// What is known where the other arm of an `if` starts.
    fork: Option<Frames>,
}

struct Walk<'o, 'a> {
    operators: &'o [Operator<'a>],
    pointer: u32,
    /// What is known here; none where control cannot be.
    frames: Option<Frames>,
    /// The open labels, innermost last.
    labels: Vec<Label>,
}

impl<'a> Walk<'_, 'a> {
    fn step(&mut self, position: usize, step: &Step) {
        match step {
            Step::Straight | Step::Call => self.assign(position),
            Step::Block | Step::If | Step::Loop => {
                let is_loop = *step == Step::Loop;
                if is_loop {
                    self.forget_assigned(position);
                }
                let fork = if *step == Step::If {
                    self.frames.clone()
                } else {
                    None
                };
                self.labels.push(Label {
                    is_loop,
                    arrival: None,
                    fork,
                });
            }
            Step::Else => {
                let after = self.frames.take();
                if let Some(label) = self.labels.last_mut() {
                    label.arrival = meet(label.arrival.take(), after);
                    self.frames = label.fork.take();
                }
            }
            Step::End => {
                let Some(label) = self.labels.pop() else {
                    return;
                };
                if !label.is_loop {
                    let after = meet(self.frames.take(), label.fork);
                    self.frames = meet(after, label.arrival);
                }
            }
            Step::Branch { depths, falls } => {
                for depth in depths {
                    let target = self.labels.len() - 1 - *depth as usize;
                    let label = &mut self.labels[target];
                    label.arrival = meet(label.arrival.take(), self.frames.clone());
                }
                if !falls {
                    self.frames = None;
                }
            }
            Step::Exit { .. } => self.frames = None,
        }
    }

    /// The operator so many before a position.
    fn before(&self, position: usize, count: usize) -> Option<&Operator<'a>> {
        position.checked_sub(count).map(|at| &self.operators[at])
    }

    /// Whether the value that the pointer is set to lies between a frame and where it ends.
    fn gives_back(&self, position: usize) -> bool {
        let Some(frames) = &self.frames else {
            return false;
        };
        match self.before(position, 1) {
            Some(Operator::LocalGet { local_index }) => frames.contains_key(local_index),
            Some(Operator::I32Add) => match (self.before(position, 3), self.before(position, 2)) {
                (Some(Operator::LocalGet { local_index }), Some(Operator::I32Const { value })) => {
                    let length = frames.get(local_index);
                    length.is_some_and(|length| u32::try_from(*value).is_ok_and(|v| v <= *length))
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether the value that the pointer is set to is the pointer or a frame less a constant.
    fn lowers(&self, position: usize) -> bool {
        let kept = matches!(self.before(position, 1), Some(Operator::LocalTee { .. }));
        let last = position - usize::from(kept);
        match (self.before(last, 1), self.before(last, 2)) {
            (Some(Operator::I32Sub), Some(Operator::I32Const { value })) => {
                let from = self.before(last, 3);
                *value >= 0 && from.is_some_and(|operator| self.known(operator).is_some())
            }
            _ => false,
        }
    }

    /// What an operator makes known or unknown.
    fn assign(&mut self, position: usize) {
        let local = match &self.operators[position] {
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => *local_index,
            _ => return,
        };
        let length = self.assigned_frame(position);
        let Some(frames) = &mut self.frames else {
            return;
        };
        match length {
            Some(length) => frames.insert(local, length),
            None => frames.remove(&local),
        };
    }

    /// The length of the frame that a `local.set` or `local.tee` assigns, if it does.
    fn assigned_frame(&self, position: usize) -> Option<u32> {
        let checked_next = matches!(
            (&self.operators[position], self.operators.get(position + 1)),
            (Operator::LocalTee { .. }, Some(Operator::GlobalSet { global_index }))
                if *global_index == self.pointer
        );
        match self.before(position, 1)? {
            Operator::I32Sub if checked_next => {
                let Operator::I32Const { value } = self.before(position, 2)? else {
                    return None;
                };
                let above = self.known(self.before(position, 3)?)?;
                u32::try_from(*value).ok()?.checked_add(above)
            }
            value => self.known(value),
        }
    }

    /// The length of the frame that an operator puts on the stack, 0 for the pointer itself.
    fn known(&self, operator: &Operator<'_>) -> Option<u32> {
        match operator {
            Operator::GlobalGet { global_index } if *global_index == self.pointer => Some(0),
            Operator::LocalGet { local_index } => self.frames.as_ref()?.get(local_index).copied(),
            _ => None,
        }
    }

    /// Forgets the locals that a loop assigns.
    fn forget_assigned(&mut self, start: usize) {
        let Some(frames) = &mut self.frames else {
            return;
        };
        if !frames.is_empty() {
            let assigned = loops::assigned(self.operators, start);
            frames.retain(|local, _| !assigned.contains(local));
        }
    }
}

/// What is known where two ways meet; a way that control cannot take says nothing.
fn meet(one: Option<Frames>, other: Option<Frames>) -> Option<Frames> {
    let (Some(one), Some(other)) = (&one, &other) else {
        return one.or(other);
    };
    let both = one
        .iter()
        .filter_map(|(local, length)| other.get(local).map(|other| (*local, *length.min(other))));
    Some(both.collect())
}
