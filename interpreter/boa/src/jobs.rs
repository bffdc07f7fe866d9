//! The event loop of one call: promise jobs first, then timers, in virtual time.

use crate::clock::VirtualClock;
use boa_engine::{
    Context, JsResult, JsValue,
    job::{GenericJob, Job, JobExecutor, NativeAsyncJob, PromiseJob},
    object::builtins::JsFunction,
};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet, VecDeque},
    future::Future,
    pin::pin,
    rc::Rc,
    task::{self, Poll, Waker},
};

/// A callback of setTimeout or setInterval.
#[derive(Clone)]
pub struct Timer {
    pub callback: JsFunction,
    pub arguments: Vec<JsValue>,
    /// Milliseconds between two calls of an interval; `None` for a timeout.
    pub interval: Option<u32>,
}

/// When a timer is due: milliseconds since the call began, turn of scheduling, the timer's number.
type Due = (u64, u64, u32);

enum Queued {
    Promise(PromiseJob),
    Generic(GenericJob),
    Async(NativeAsyncJob),
}

/// Every job of the present call.
pub struct Jobs {
    clock: Rc<VirtualClock>,
    queue: RefCell<VecDeque<Queued>>,
    timers: RefCell<BTreeMap<u32, (Due, Timer)>>,
    due: RefCell<BTreeSet<Due>>,
    elapsed: Cell<u64>,
    turns: Cell<u64>,
    timer_last: Cell<u32>,
}

impl Jobs {
    pub fn new(clock: Rc<VirtualClock>) -> Self {
        Self {
            clock,
            queue: RefCell::default(),
            timers: RefCell::default(),
            due: RefCell::default(),
            elapsed: Cell::new(0),
            turns: Cell::new(0),
            timer_last: Cell::new(0),
        }
    }

    /// Schedules `timer` in `delay` milliseconds, and returns its number.
    pub fn schedule(&self, timer: Timer, delay: u32) -> u32 {
        let number = self.timer_last.get().wrapping_add(1).max(1);
        self.timer_last.set(number);
        self.schedule_as(number, timer, delay);
        number
    }

    fn schedule_as(&self, number: u32, timer: Timer, delay: u32) {
        let turn = self.turns.get() + 1;
        self.turns.set(turn);
        let at = self.elapsed.get() + u64::from(delay);
        self.due.borrow_mut().insert((at, turn, number));
        self.timers
            .borrow_mut()
            .insert(number, ((at, turn, number), timer));
    }

    /// Forgets the timer of that number, if there is one.
    pub fn cancel(&self, number: u32) {
        if let Some((due, _)) = self.timers.borrow_mut().remove(&number) {
            self.due.borrow_mut().remove(&due);
        }
    }

    /// Runs promise jobs until none is left.
    ///
    /// # Errors
    /// Returns what the first job throws.
    pub fn run_microtasks(&self, context: &mut Context) -> JsResult<()> {
        loop {
            let Some(job) = self.queue.borrow_mut().pop_front() else {
                return Ok(());
            };
            match job {
                Queued::Promise(job) => job.call(context)?,
                Queued::Generic(job) => job.call(context)?,
                Queued::Async(job) => poll_once(job, context)?,
            };
        }
    }

    /// Moves the clock to the next timer and runs its callback; false when there is none.
    ///
    /// # Errors
    /// Returns what the callback throws.
    pub fn run_next_timer(&self, context: &mut Context) -> JsResult<bool> {
        let Some((at, _, number)) = self.due.borrow_mut().pop_first() else {
            return Ok(false);
        };
        let Some((_, timer)) = self.timers.borrow_mut().remove(&number) else {
            return Ok(true);
        };
        self.clock.advance((at - self.elapsed.get()) as f64);
        self.elapsed.set(at);
        if let Some(interval) = timer.interval {
            self.schedule_as(number, timer.clone(), interval);
        }
        timer
            .callback
            .call(&JsValue::undefined(), &timer.arguments, context)?;
        Ok(true)
    }

    /// Drops every job and timer, at the end of a call.
    pub fn clear(&self) {
        self.queue.take();
        self.timers.take();
        self.due.take();
        self.elapsed.set(0);
        self.turns.set(0);
    }
}

/// Polls a job once and drops it when it waits: nothing outside can ever wake it.
fn poll_once(job: NativeAsyncJob, context: &mut Context) -> JsResult<JsValue> {
    let context = RefCell::new(context);
    let future = pin!(job.call(&context));
    match future.poll(&mut task::Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Ok(JsValue::undefined()),
    }
}

impl JobExecutor for Jobs {
    fn enqueue_job(self: Rc<Self>, job: Job, _: &mut Context) {
        let queued = match job {
            Job::PromiseJob(job) => Queued::Promise(job),
            Job::GenericJob(job) => Queued::Generic(job),
            Job::AsyncJob(job) => Queued::Async(job),
            // Finalizers would show when garbage is collected. Timeouts of the engine's own only
            // belong to Atomics.waitAsync, which no other agent could ever notify.
            _ => return,
        };
        self.queue.borrow_mut().push_back(queued);
    }

    fn run_jobs(self: Rc<Self>, context: &mut Context) -> JsResult<()> {
        self.run_microtasks(context)
    }
}
