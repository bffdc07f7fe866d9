//! Which stores are to note the page that they write. Pure.
//!
//! A noted page stands for itself and for `SLACK` bytes of the next one. So stores at near offsets
//! from one local need one note, and one that runs over the end of its page needs no second.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::Operator;

use crate::loops;
use crate::step::Step;
use crate::stores::{Store, store};

/// How many bytes of the page after a noted one may have been written as well.
pub const SLACK: u32 = 256;

/// For each local, the offsets from it whose pages are surely noted.
type Noted = BTreeMap<u32, BTreeSet<u32>>;

/// For each store that is to note its page, from which offset on the note is to stand for it.
/// `bases` as of `bases::bases`; `on_stack` says of a store that it surely writes to the shadow
/// stack, which is kept account of otherwise.
pub fn notes(
    operators: &[Operator<'_>],
    steps: &[Step],
    bases: &[Option<u32>],
    on_stack: &[bool],
) -> Vec<Option<u32>> {
    let mut walk = Walk {
        operators,
        noted: Noted::new(),
        outer: Vec::new(),
    };
    let mut found = vec![None; operators.len()];
    for (position, step) in steps.iter().enumerate() {
        if let Some(store) = store(&operators[position]) {
            let covered =
                on_stack[position] || bases[position].is_some_and(|base| walk.covers(base, &store));
            if !covered {
                let from = noted_from(&store);
                found[position] = Some(from);
                if let Some(base) = bases[position] {
                    walk.noted.entry(base).or_default().insert(from);
                }
            }
        }
        walk.step(position, step);
    }
    found
}

/// The offset whose page a store notes: a multiple of `SLACK`, if a note there stands for all that
/// it writes, so that it stands for lower offsets as well.
fn noted_from(store: &Store) -> u32 {
    let from = store.offset - store.offset % SLACK;
    if stands_for(from, store) {
        from
    } else {
        store.offset
    }
}

/// Whether a note of the page at one offset stands for what a store writes.
fn stands_for(from: u32, store: &Store) -> bool {
    let end = u64::from(store.offset) + u64::from(store.bytes);
    from <= store.offset && end <= u64::from(from) + u64::from(SLACK)
}

struct Walk<'o, 'a> {
    operators: &'o [Operator<'a>],
    noted: Noted,
    /// What was noted where each open label was opened: all that is sure behind its end.
    outer: Vec<Noted>,
}

impl Walk<'_, '_> {
    fn covers(&self, base: u32, store: &Store) -> bool {
        let noted = self.noted.get(&base);
        noted.is_some_and(|offsets| offsets.iter().any(|from| stands_for(*from, store)))
    }

    fn step(&mut self, position: usize, step: &Step) {
        match step {
            Step::Straight | Step::Call => {
                if let Operator::LocalSet { local_index } | Operator::LocalTee { local_index } =
                    &self.operators[position]
                {
                    self.forget(*local_index);
                }
            }
            Step::Block | Step::If => self.outer.push(self.noted.clone()),
            Step::Loop => {
                for local in loops::assigned(self.operators, position) {
                    self.forget(local);
                }
                self.outer.push(self.noted.clone());
            }
            Step::Else => {
                if let Some(outer) = self.outer.last() {
                    self.noted.clone_from(outer);
                }
            }
            Step::End => self.noted = self.outer.pop().unwrap_or_default(),
            Step::Branch { .. } | Step::Exit { .. } => {}
        }
    }

    /// A local that is assigned holds another address, here and behind every open label.
    fn forget(&mut self, local: u32) {
        self.noted.remove(&local);
        for outer in &mut self.outer {
            outer.remove(&local);
        }
    }
}
