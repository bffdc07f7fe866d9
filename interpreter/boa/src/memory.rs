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
/// The least growth after which a call that ends collects, in bytes: what a sandbox holds is copied
/// whenever it rests, garbage included.
const KEPT_MIN: usize = 256 << 10;
/// The same as a part of what was live: a collection takes as long as that is large.
const KEPT_PARTS: usize = 4;

thread_local! {
    static POLICY: Policy = const {
        Policy {
            live: Cell::new(0),
            live_collected: Cell::new(0),
            threshold: Cell::new(usize::MAX),
            limit: Cell::new(usize::MAX),
        }
    };
}

struct Policy {
    live: Cell<usize>,
    /// What was live after the last collection.
    live_collected: Cell<usize>,
    threshold: Cell<usize>,
    limit: Cell<usize>,
}

impl Policy {
    fn set_threshold(&self) {
        let live = self.live_collected.get();
        let room = (self.limit.get().saturating_sub(live) / HEADROOM_PARTS).max(GROWTH_MIN_SHORT);
        self.threshold
            .set(live.saturating_add(live.max(GROWTH_MIN).min(room)));
    }

    fn is_grown(&self) -> bool {
        let before = self.live_collected.get();
        self.live.get().saturating_sub(before) > KEPT_MIN.max(before / KEPT_PARTS)
    }
}

/// Sets what the heap of the call that begins may hold, in bytes, and the next threshold from it.
pub fn begin_call(limit: usize) {
    POLICY.with(|policy| {
        policy.limit.set(limit);
        policy.set_threshold();
    });
}

/// Collects what this call and those before it have left, when that may be much. When depends on
/// nothing but what the sandbox has done, so that its calls cost the same when they are run again.
pub fn end_call() {
    if POLICY.with(Policy::is_grown) {
        collect();
    }
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
        policy.live_collected.set(policy.live.get());
        policy.set_threshold();
    });
}

/// Collects garbage now.
pub fn collect() {
    boa_gc::force_collect();
    collected();
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    /// Garbage of many calls adds up: a call that begins does not forget what the last ones left.
    #[test]
    fn calls_add_up() {
        begin_call(1024 * MIB);
        collected();
        for _ in 0..3 {
            begin_call(1024 * MIB);
            allocated(2 * MIB);
        }
        assert!(collection_due());
        released(6 * MIB);
        assert!(!collection_due());
    }

    /// What calls leave is collected at the end of one of them, the sooner the less is live.
    #[test]
    fn between_calls() {
        let grown = || POLICY.with(Policy::is_grown);
        collected();
        allocated(KEPT_MIN);
        assert!(!grown());
        allocated(1);
        assert!(grown());
        end_call();
        assert!(!grown());
        allocated(8 * MIB);
        collected();
        allocated(2 * MIB);
        assert!(!grown());
        allocated(MIB);
        assert!(grown());
        released(11 * MIB + KEPT_MIN + 1);
    }

    /// The next collection comes long before the limit, and sooner the less is left.
    #[test]
    fn near_the_limit() {
        begin_call(16 * MIB);
        allocated(12 * MIB);
        collected();
        allocated(MIB);
        assert!(!collection_due());
        allocated(1);
        assert!(collection_due());
        released(13 * MIB + 1);
    }

    /// With much live, as much again may be allocated before the next collection.
    #[test]
    fn in_proportion() {
        begin_call(1024 * MIB);
        allocated(50 * MIB);
        collected();
        allocated(50 * MIB);
        assert!(!collection_due());
        allocated(1);
        assert!(collection_due());
        released(100 * MIB + 1);
    }
}
