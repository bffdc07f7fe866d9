//! Which stores are to note the page that they write. Pure.
//!
//! A noted page stands for itself and for `SLACK` bytes of the next one. So stores at near offsets
//! from one local need one note, and one that runs over the end of its page needs no second.

use std::collections::BTreeMap;

use wasmparser::Operator;

use crate::loops;
use crate::regions::Step;
use crate::stores::store;

/// How many bytes of the page after a noted one may have been written as well.
pub const SLACK: u32 = 256;

/// For each local, the offset from it whose page is surely noted.
type Noted = BTreeMap<u32, u32>;

/// For each store, whether it is to note its page. `bases` as of `bases::bases`; `on_stack` says of
/// a store that it surely writes to the shadow stack, which is kept account of otherwise.
pub fn notes(
    operators: &[Operator<'_>],
    steps: &[Step],
    bases: &[Option<u32>],
    on_stack: &[bool],
) -> Vec<bool> {
    let mut walk = Walk {
        operators,
        noted: Noted::new(),
        outer: Vec::new(),
    };
    let mut found = vec![false; operators.len()];
    for (position, step) in steps.iter().enumerate() {
        if let Some(store) = store(&operators[position]) {
            let covered = on_stack[position]
                || bases[position].is_some_and(|base| walk.covers(base, store.offset, store.bytes));
            if !covered {
                found[position] = true;
                if let Some(base) = bases[position] {
                    walk.noted.insert(base, store.offset);
                }
            }
        }
        walk.step(position, step);
    }
    found
}

struct Walk<'o, 'a> {
    operators: &'o [Operator<'a>],
    noted: Noted,
    /// What was noted where each open label was opened: all that is sure behind its end.
    outer: Vec<Noted>,
}

impl Walk<'_, '_> {
    fn covers(&self, base: u32, offset: u32, bytes: u32) -> bool {
        self.noted.get(&base).is_some_and(|first| {
            let end = u64::from(offset) + u64::from(bytes);
            *first <= offset && end <= u64::from(*first) + u64::from(SLACK)
        })
    }

    fn step(&mut self, position: usize, step: &Step) {
        match step {
            Step::Straight => {
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
            Step::Branch { .. } | Step::Exit => {}
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
