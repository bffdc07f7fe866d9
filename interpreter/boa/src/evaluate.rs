//! One call: input in, script run to its end, result out.

use crate::{
    console,
    host_calls::Delivery,
    input, memory,
    observed::Observation,
    outcome::{self, Outcome},
    realm::Sandbox,
};
use boa_engine::{
    JsError, JsResult, JsString, JsValue, Script, Source, builtins::promise::PromiseState,
    js_string, object::builtins::JsPromise,
};
use std::path::Path;

/// What the host asks for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'text> {
    pub script: &'text str,
    /// A JSON text that the script sees as the global `input`.
    pub input: Option<&'text str>,
    /// Evaluate as a Script, whose top-level declarations persist; else as an indirect eval.
    pub global: bool,
    /// The script is an init_script, and stacks say so.
    pub init: bool,
    /// Milliseconds since the epoch.
    pub now: f64,
    pub seed: u64,
    /// The memory limit, in bytes: no single buffer may be longer.
    pub memory_bytes_max: usize,
    /// What of that is left for the heap, in bytes: garbage is collected before it is used up.
    pub heap_bytes_max: usize,
}

/// An evaluation between its script and its end.
pub(crate) struct Running {
    init: bool,
    /// The completion value, when it is a promise.
    result: Option<JsPromise>,
    /// What the global `input` was before.
    input: Option<input::Previous>,
}

/// How far an evaluation has come.
enum Progress {
    /// The result as JSON.
    Done(String),
    /// Nothing more can run until the host answers.
    Waits,
}

/// Why there is no result.
enum Ending {
    Thrown(JsError),
    /// Rejected with a reason that is any value.
    Rejected(JsValue),
    NeverSettles,
}

impl From<JsError> for Ending {
    fn from(error: JsError) -> Self {
        Self::Thrown(error)
    }
}

impl Sandbox {
    /// Evaluates one script until its result is there or waits for the host. What it did to the
    /// realm stays; its jobs and timers do not.
    pub fn evaluate(&mut self, request: &Request<'_>) -> Outcome {
        if self.running.is_some() {
            return Outcome::Fatal("evaluate was called while a result is pending".to_owned());
        }
        memory::begin_call(request.heap_bytes_max);
        self.hooks.set_buffer_bytes_max(request.memory_bytes_max);
        self.clock.set(request.now);
        self.random.seed(request.seed);
        self.observed.clear();
        console::begin_call(&self.context);
        let mut running = Running {
            init: request.init,
            result: None,
            input: None,
        };
        let progress = self.begin(request, &mut running);
        self.conclude(running, progress)
    }

    /// Goes on with the evaluation that waits for the host, after the host has settled what it can.
    pub fn resume(&mut self) -> Outcome {
        let Some(running) = self.running.take() else {
            return Outcome::Fatal("resume was called while no result is pending".to_owned());
        };
        let progress = self.proceed(&running);
        self.conclude(running, progress)
    }

    /// Whether the present evaluation, or the last one, has read that.
    pub fn observed(&self, what: Observation) -> bool {
        self.observed.has(what)
    }

    fn conclude(&mut self, running: Running, progress: Result<Progress, Ending>) -> Outcome {
        let outcome = match progress {
            Ok(Progress::Waits) => {
                self.running = Some(running);
                return Outcome::Pending;
            }
            Ok(Progress::Done(json)) => Outcome::Json(json),
            Err(Ending::Thrown(error)) => outcome::describe(&error, &mut self.context),
            Err(Ending::Rejected(reason)) => {
                Outcome::Thrown(outcome::describe_value(&reason, &mut self.context))
            }
            Err(Ending::NeverSettles) => outcome::thrown(
                "Error: the result is a promise that never settles: no job or timer is left",
            ),
        };
        if let Some(previous) = running.input {
            input::restore(previous, &mut self.context);
        }
        self.jobs.clear();
        self.hooks.clear();
        if let Some(calls) = &self.host_calls {
            calls.clear();
        }
        self.context.clear_kept_objects();
        if running.init {
            // What an init_script leaves is copied for every sandbox that starts from it.
            memory::collect();
        } else {
            memory::end_call();
        }
        outcome
    }

    fn begin(&mut self, request: &Request<'_>, running: &mut Running) -> Result<Progress, Ending> {
        if let Some(json) = request.input {
            let text = JsValue::from(JsString::from(json));
            let none = JsValue::undefined();
            let value = self
                .pristine
                .parse
                .call(&none, &[text], &mut self.context)?;
            running.input = Some(input::define(value, &mut self.context)?);
        }
        let completion = self.run_script(request)?;
        self.jobs.run_microtasks(&mut self.context)?;
        running.result = completion
            .as_object()
            .and_then(|o| JsPromise::from_object(o.clone()).ok());
        if running.result.is_none() {
            return self.done(completion, running.init);
        }
        self.proceed(running)
    }

    /// Runs answers of the host, and timers while none is awaited, until the result settles.
    fn proceed(&mut self, running: &Running) -> Result<Progress, Ending> {
        let Some(promise) = &running.result else {
            return Err(Ending::NeverSettles);
        };
        loop {
            match promise.state() {
                PromiseState::Fulfilled(value) => return self.done(value, running.init),
                PromiseState::Rejected(reason) => return Err(Ending::Rejected(reason)),
                PromiseState::Pending => {}
            }
            match self.deliver_answer()? {
                Delivery::Delivered => {}
                Delivery::Awaited => return Ok(Progress::Waits),
                Delivery::NoneAwaited => {
                    if !self.jobs.run_next_timer(&mut self.context)? {
                        return Err(Ending::NeverSettles);
                    }
                }
            }
            self.jobs.run_microtasks(&mut self.context)?;
        }
    }

    fn deliver_answer(&mut self) -> JsResult<Delivery> {
        match self.host_calls.clone() {
            None => Ok(Delivery::NoneAwaited),
            Some(calls) => calls.deliver(&self.pristine.parse, &mut self.context),
        }
    }

    /// The result, unless a rejection has been left unhandled. Nobody asked for the value of an
    /// init_script, which may be whatever its last line assigned.
    fn done(&mut self, value: JsValue, init: bool) -> Result<Progress, Ending> {
        match self.hooks.unhandled_reason() {
            None if init => Ok(Progress::Done("null".to_owned())),
            None => self.stringify(value).map(Progress::Done),
            Some(reason) => Err(Ending::Rejected(reason)),
        }
    }

    fn run_script(&mut self, request: &Request<'_>) -> JsResult<JsValue> {
        if !request.global {
            // An indirect eval by the realm's own eval function, whatever the script made of it.
            let text = JsValue::from(JsString::from(request.script));
            let none = JsValue::undefined();
            return self.pristine.eval.call(&none, &[text], &mut self.context);
        }
        let name = if request.init {
            "init_script"
        } else {
            "script"
        };
        let source = Source::from_reader(request.script.as_bytes(), Some(Path::new(name)));
        Script::parse(source, None, &mut self.context)?.evaluate(&mut self.context)
    }

    /// The result as JSON, by the pristine JSON.stringify; `null` when that gives undefined.
    fn stringify(&mut self, value: JsValue) -> Result<String, Ending> {
        let none = JsValue::undefined();
        let json = self
            .pristine
            .stringify
            .call(&none, &[value], &mut self.context)?;
        let json = json.as_string().unwrap_or(js_string!("null"));
        Ok(json.to_std_string_lossy())
    }
}
