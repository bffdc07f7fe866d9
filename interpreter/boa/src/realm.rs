//! Boot: builds the one realm of a sandbox. Everything that is switched on is listed here.

use crate::{
    clock::VirtualClock, console, evaluate::Running, hooks::Hooks, host_calls::HostCalls,
    jobs::Jobs, json_parse, memory, observed::Observed, outcome::StackGetter, random, test262,
    timers, web,
};
use boa_engine::{
    Context, JsNativeError, JsResult, JsString, context::ContextBuilder, js_string,
    module::IdleModuleLoader, object::builtins::JsFunction, property::PropertyKey,
};
use std::rc::Rc;

/// Nested calls of script functions before a RangeError.
const RECURSION_MAX: usize = 20_000;
/// Values on the virtual machine's stack before a RangeError.
const STACK_VALUES_MAX: usize = 1 << 20;
/// Frames in an error's stack.
const BACKTRACE_MAX: usize = 16;

/// What a realm holds beyond the standard globals.
#[derive(Debug, Clone, Copy, Default)]
pub struct Features {
    /// `$262`, the host object of the official conformance suite.
    pub test262: bool,
}

/// The realm's own functions as they were at boot; scripts cannot reach or change these handles.
pub(crate) struct Pristine {
    pub eval: JsFunction,
    pub parse: JsFunction,
    pub stringify: JsFunction,
}

/// One sandbox: an engine, its realm, and the time, chance and jobs of its calls.
pub struct Sandbox {
    pub(crate) context: Context,
    pub(crate) clock: Rc<VirtualClock>,
    pub(crate) random: Rc<random::Generator>,
    pub(crate) jobs: Rc<Jobs>,
    pub(crate) hooks: Rc<Hooks>,
    pub(crate) observed: Rc<Observed>,
    pub(crate) pristine: Pristine,
    /// Calls of host functions, when there are host functions.
    pub(crate) host_calls: Option<Rc<HostCalls>>,
    /// The evaluation whose result waits for answers of the host.
    pub(crate) running: Option<Running>,
}

impl Sandbox {
    /// Builds the realm.
    ///
    /// # Errors
    /// Fails only when the engine itself is broken.
    pub fn boot(features: Features) -> JsResult<Self> {
        let observed = Rc::new(Observed::default());
        let clock = Rc::new(VirtualClock::new(observed.clone()));
        let jobs = Rc::new(Jobs::new(clock.clone()));
        let hooks = Rc::new(Hooks::default());
        let generator = Rc::new(random::Generator::new(observed.clone()));
        let mut context = ContextBuilder::default()
            .clock(clock.clone())
            .job_executor(jobs.clone())
            .host_hooks(hooks.clone())
            .module_loader(Rc::new(IdleModuleLoader))
            .can_block(false)
            .build()?;
        let limits = context.runtime_limits_mut();
        limits.set_recursion_limit(RECURSION_MAX);
        limits.set_stack_size_limit(STACK_VALUES_MAX);
        limits.set_backtrace_limit(BACKTRACE_MAX);
        context.insert_data(generator.clone());
        keep_stack_getter(&mut context)?;
        install_globals(clock.clone(), &mut context)?;
        if features.test262 {
            test262::install(&mut context)?;
        }
        take_hash_seeds();
        let pristine = Pristine::capture(&mut context)?;
        memory::collect();
        Ok(Self {
            context,
            clock,
            random: generator,
            jobs,
            hooks,
            observed,
            pristine,
            host_calls: None,
            running: None,
        })
    }
}

/// The globals beyond ECMAScript's.
fn install_globals(clock: Rc<VirtualClock>, context: &mut Context) -> JsResult<()> {
    // The engine makes %TypedArray% a global, which the specification does not.
    context
        .global_object()
        .delete_property_or_throw(js_string!("TypedArray"), context)?;
    random::install(context)?;
    json_parse::install(context)?;
    console::install(clock, context)?;
    timers::install(context)?;
    web::install(context)?;
    Ok(())
}

/// The standard library draws its hash seeds at the first map of a thread; drawn now, every sandbox
/// that starts from the booted memory has the same, and fuel is exact.
fn take_hash_seeds() {
    drop(std::hash::RandomState::new());
}

impl Pristine {
    fn capture(context: &mut Context) -> JsResult<Self> {
        Ok(Self {
            eval: function(member(context, &[js_string!("eval")])?)?,
            parse: function(member(context, &[js_string!("JSON"), js_string!("parse")])?)?,
            stringify: function(member(
                context,
                &[js_string!("JSON"), js_string!("stringify")],
            )?)?,
        })
    }
}

/// Keeps the getter of Error.prototype.stack where errors are described.
fn keep_stack_getter(context: &mut Context) -> JsResult<()> {
    let error = member(context, &[js_string!("Error"), js_string!("prototype")])?;
    let stack = PropertyKey::from(js_string!("stack"));
    let stack = error
        .as_object()
        .and_then(|e| e.borrow().properties().get(&stack));
    let stack_getter = stack.and_then(|stack| stack.get().cloned());
    let getter = function(stack_getter.unwrap_or_default())?;
    context.insert_data(StackGetter(getter));
    Ok(())
}

fn member(context: &mut Context, path: &[JsString]) -> JsResult<boa_engine::JsValue> {
    let mut value = boa_engine::JsValue::from(context.global_object());
    for name in path {
        value = value.to_object(context)?.get(name.clone(), context)?;
    }
    Ok(value)
}

fn function(value: boa_engine::JsValue) -> JsResult<JsFunction> {
    value
        .as_function()
        .ok_or_else(|| JsNativeError::typ().with_message("not a function").into())
}
