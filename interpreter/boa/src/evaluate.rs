//! One call: input in, script run to its end, result out.

use crate::{
    console, input, memory,
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
    /// Evaluates one script to its end. What it did to the realm stays; its jobs and timers do not.
    pub fn evaluate(&mut self, request: &Request<'_>) -> Outcome {
        memory::begin_call(request.heap_bytes_max);
        self.hooks.set_buffer_bytes_max(request.memory_bytes_max);
        self.clock.set(request.now);
        self.random.seed(request.seed);
        console::begin_call(&self.context);
        let ending = self.result_json(request);
        let outcome = match ending {
            Ok(json) => Outcome::Json(json),
            Err(Ending::Thrown(error)) => outcome::describe(&error, &mut self.context),
            Err(Ending::Rejected(reason)) => {
                Outcome::Thrown(outcome::describe_value(&reason, &mut self.context))
            }
            Err(Ending::NeverSettles) => outcome::thrown(
                "Error: the result is a promise that never settles: no job or timer is left",
            ),
        };
        self.jobs.clear();
        self.hooks.clear();
        self.context.clear_kept_objects();
        if request.init {
            // What an init_script leaves is copied for every sandbox that starts from it.
            memory::collect();
        }
        outcome
    }

    fn result_json(&mut self, request: &Request<'_>) -> Result<String, Ending> {
        let previous = match request.input {
            None => None,
            Some(json) => {
                let text = JsValue::from(JsString::from(json));
                let none = JsValue::undefined();
                let value = self
                    .pristine
                    .parse
                    .call(&none, &[text], &mut self.context)?;
                Some(input::define(value, &mut self.context)?)
            }
        };
        let result = self
            .settled(request)
            .and_then(|value| self.stringify(value));
        if let Some(previous) = previous {
            input::restore(previous, &mut self.context);
        }
        result
    }

    /// The completion value of the script, awaited.
    fn settled(&mut self, request: &Request<'_>) -> Result<JsValue, Ending> {
        let completion = self.run_script(request)?;
        self.jobs.run_microtasks(&mut self.context)?;
        let promise = completion
            .as_object()
            .and_then(|o| JsPromise::from_object(o.clone()).ok());
        let value = match promise {
            None => completion,
            Some(promise) => self.await_promise(&promise)?,
        };
        match self.hooks.unhandled_reason() {
            None => Ok(value),
            Some(reason) => Err(Ending::Rejected(reason)),
        }
    }

    fn await_promise(&mut self, promise: &JsPromise) -> Result<JsValue, Ending> {
        loop {
            match promise.state() {
                PromiseState::Fulfilled(value) => return Ok(value),
                PromiseState::Rejected(reason) => return Err(Ending::Rejected(reason)),
                PromiseState::Pending => {}
            }
            if !self.jobs.run_next_timer(&mut self.context)? {
                return Err(Ending::NeverSettles);
            }
            self.jobs.run_microtasks(&mut self.context)?;
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
