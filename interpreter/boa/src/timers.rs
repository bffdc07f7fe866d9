//! setTimeout, setInterval, their clear functions and queueMicrotask.

use crate::jobs::{Jobs, Timer};
use boa_engine::{
    Context, JsArgs, JsNativeError, JsResult, JsString, JsValue, NativeFunction,
    job::{Job, PromiseJob},
    js_string,
    object::builtins::JsFunction,
};
use std::rc::Rc;

/// A longer delay counts as the shortest (HTML, "timer initialization steps": a 32-bit integer).
const DELAY_MAX: f64 = 2_147_483_647.0;

/// Defines the globals of this file.
///
/// # Errors
/// Fails when the global object refuses a property.
pub fn install(context: &mut Context) -> JsResult<()> {
    let globals: [(JsString, usize, NativeFunction); 5] = [
        (
            js_string!("setTimeout"),
            1,
            NativeFunction::from_fn_ptr(set_timeout),
        ),
        (
            js_string!("setInterval"),
            1,
            NativeFunction::from_fn_ptr(set_interval),
        ),
        (
            js_string!("clearTimeout"),
            0,
            NativeFunction::from_fn_ptr(clear),
        ),
        (
            js_string!("clearInterval"),
            0,
            NativeFunction::from_fn_ptr(clear),
        ),
        (
            js_string!("queueMicrotask"),
            1,
            NativeFunction::from_fn_ptr(queue_microtask),
        ),
    ];
    for (name, length, function) in globals {
        context.register_global_builtin_callable(name, length, function)?;
    }
    Ok(())
}

fn executor(context: &Context) -> JsResult<Rc<Jobs>> {
    context.downcast_job_executor::<Jobs>().ok_or_else(|| {
        JsNativeError::typ()
            .with_message("timers are not available")
            .into()
    })
}

fn callback(arguments: &[JsValue]) -> JsResult<JsFunction> {
    arguments.get_or_undefined(0).as_function().ok_or_else(|| {
        JsNativeError::typ()
            .with_message("the callback must be a function")
            .into()
    })
}

fn schedule(arguments: &[JsValue], repeat: bool, context: &mut Context) -> JsResult<JsValue> {
    let callback = callback(arguments)?;
    let delay = arguments.get_or_undefined(1).to_number(context)?;
    let delay = if (1.0..=DELAY_MAX).contains(&delay) {
        delay as u32
    } else {
        1
    };
    let timer = Timer {
        callback,
        arguments: arguments.get(2..).unwrap_or_default().to_vec(),
        interval: repeat.then_some(delay),
    };
    Ok(JsValue::from(executor(context)?.schedule(timer, delay)))
}

fn set_timeout(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    schedule(arguments, false, context)
}

fn set_interval(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    schedule(arguments, true, context)
}

fn clear(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let number = arguments.get_or_undefined(0).to_u32(context)?;
    executor(context)?.cancel(number);
    Ok(JsValue::undefined())
}

fn queue_microtask(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let callback = callback(arguments)?;
    let job = PromiseJob::new(move |context| callback.call(&JsValue::undefined(), &[], context));
    context.enqueue_job(Job::PromiseJob(job));
    Ok(JsValue::undefined())
}
