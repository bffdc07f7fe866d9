//! What the engine asks its host: unhandled rejections, the largest buffer, the time zone.

use crate::memory;
use boa_engine::{
    Context, JsObject, JsValue,
    builtins::promise::{OperationType, Promise, PromiseState},
    context::HostHooks,
    object::builtins::JsPromise,
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

/// Rejected promises nobody has handled yet, in the order of their rejection.
#[derive(Default)]
pub struct Hooks {
    unhandled: RefCell<Unhandled>,
    buffer_bytes_max: Cell<usize>,
}

#[derive(Default)]
struct Unhandled {
    rejections: u64,
    promises: BTreeMap<u64, JsObject<Promise>>,
    order: BTreeMap<usize, u64>,
}

impl Hooks {
    /// Sets the length that no single buffer may exceed, in bytes.
    pub fn set_buffer_bytes_max(&self, bytes: usize) {
        self.buffer_bytes_max.set(bytes);
    }

    /// The reason of the earliest rejection that nobody has handled.
    pub fn unhandled_reason(&self) -> Option<JsValue> {
        let unhandled = self.unhandled.borrow();
        let (_, promise) = unhandled.promises.first_key_value()?;
        match JsPromise::from(promise.clone()).state() {
            PromiseState::Rejected(reason) => Some(reason),
            _ => None,
        }
    }

    /// Forgets every rejection, at the end of a call.
    pub fn clear(&self) {
        *self.unhandled.borrow_mut() = Unhandled::default();
    }
}

/// What tells one promise from another; it stays true while the promise is held in `Unhandled`.
fn identity(promise: &JsObject<Promise>) -> usize {
    std::ptr::from_ref(promise.as_ref()).addr()
}

impl HostHooks for Hooks {
    fn promise_rejection_tracker(
        &self,
        promise: &JsObject<Promise>,
        operation: OperationType,
        _: &mut Context,
    ) {
        let mut unhandled = self.unhandled.borrow_mut();
        match operation {
            OperationType::Reject => {
                unhandled.rejections += 1;
                let turn = unhandled.rejections;
                unhandled.order.insert(identity(promise), turn);
                unhandled.promises.insert(turn, promise.clone());
            }
            OperationType::Handle => {
                if let Some(turn) = unhandled.order.remove(&identity(promise)) {
                    unhandled.promises.remove(&turn);
                }
            }
        }
    }

    /// A safepoint: the engine asks before it makes any buffer, and a buffer is what fills memory
    /// fastest.
    fn max_buffer_size(&self, _: &mut Context) -> u64 {
        if memory::collection_due() {
            memory::collect();
        }
        self.buffer_bytes_max.get() as u64
    }

    fn local_timezone_offset_seconds(&self, _: i64) -> i32 {
        0
    }
}
