//! When to collect garbage: decided from the bytes that are live, so that garbage the engine's own
//! collector does not count (array storage, strings, buffers) cannot fill the sandbox's memory.

use std::cell::Cell;

/// The least growth between two collections while there is room, in bytes: the collector walks the
/// whole heap, and the standard objects alone are about a megabyte.
const GROWTH_MIN: usize = 4 << 20;
/// The least growth between two collections when memory is short, in bytes.
const GROWTH_MIN_SHORT: usize = 1 << 20;
/// A collection is due at the latest when this part of what was left to the limit is used up.
const HEADROOM_PARTS: usize = 4;

thread_local! {
    static POLICY: Policy = const {
        Policy {
            live: Cell::new(0),
            threshold: Cell::new(usize::MAX),
            limit: Cell::new(usize::MAX),
        }
    };
}

struct Policy {
    live: Cell<usize>,
    threshold: Cell<usize>,
    limit: Cell<usize>,
}

/// The memory limit of the present call, in bytes.
pub fn limit() -> usize {
    POLICY.with(|policy| policy.limit.get())
}

/// Sets the memory limit of the call that begins, in bytes, and the next threshold from it.
pub fn begin_call(limit: usize) {
    POLICY.with(|policy| policy.limit.set(limit));
    collected();
}

/// Counts an allocation of `bytes`.
#[cfg(any(target_family = "wasm", test))]
pub fn allocated(bytes: usize) {
    POLICY.with(|policy| policy.live.set(policy.live.get().wrapping_add(bytes)));
}

/// Counts the release of `bytes`.
#[cfg(any(target_family = "wasm", test))]
pub fn released(bytes: usize) {
    POLICY.with(|policy| policy.live.set(policy.live.get().wrapping_sub(bytes)));
}

/// Whether so much has been allocated since the last collection that another is due.
pub fn collection_due() -> bool {
    POLICY.with(|policy| policy.live.get() > policy.threshold.get())
}

/// Notes that garbage has just been collected, and sets the next threshold: when as much again has
/// been allocated as is live, but sooner near the limit, so that garbage alone never reaches it.
pub fn collected() {
    POLICY.with(|policy| {
        let live = policy.live.get();
        let left = policy.limit.get().saturating_sub(live);
        let room = (left / HEADROOM_PARTS).max(GROWTH_MIN_SHORT);
        policy
            .threshold
            .set(live.saturating_add(live.max(GROWTH_MIN).min(room)));
    });
}
