//! The sandbox's clock: it stands still, and only virtual timers move it.

use crate::observed::{Observation, Observed};
use boa_engine::context::time::{Clock, JsInstant};
use std::{cell::Cell, rc::Rc};

/// The largest time a JavaScript Date can hold, in milliseconds (ECMA-262, "Time Values").
const TIME_MAX: f64 = 8.64e15;

/// Virtual time, in milliseconds since the epoch. Whoever reads it is taken for the script.
#[derive(Debug, Default)]
pub struct VirtualClock {
    now: Cell<f64>,
    observed: Rc<Observed>,
}

impl VirtualClock {
    /// A clock that notes in `observed` when it is read.
    pub fn new(observed: Rc<Observed>) -> Self {
        Self {
            now: Cell::default(),
            observed,
        }
    }

    fn read(&self) -> f64 {
        self.observed.note(Observation::Clock);
        self.now.get()
    }

    /// Sets the time, in milliseconds since the epoch; what no Date can hold is brought into range.
    pub fn set(&self, now: f64) {
        let now = if now.is_nan() { 0.0 } else { now };
        self.now.set(now.clamp(-TIME_MAX, TIME_MAX));
    }

    /// Moves the time on by `milliseconds`, never beyond what a Date can hold.
    pub fn advance(&self, milliseconds: f64) {
        self.set(self.now.get() + milliseconds);
    }

    /// The time, in milliseconds since the epoch.
    pub fn now_milliseconds(&self) -> f64 {
        self.read()
    }
}

impl Clock for VirtualClock {
    /// An instant cannot lie before the epoch, so earlier times count as the epoch here; `Date` and
    /// `Temporal.Now` read `system_time_millis`, which is exact.
    fn now(&self) -> JsInstant {
        let milliseconds = self.read().max(0.0) as u64;
        JsInstant::new(
            milliseconds / 1000,
            (milliseconds % 1000) as u32 * 1_000_000,
        )
    }

    fn system_time_millis(&self) -> i64 {
        self.read() as i64
    }
}
