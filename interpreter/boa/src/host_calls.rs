//! Host functions: calls go out as JSON, and answers come back as JSON in the host's own time.

use crate::realm::Sandbox;
use boa_engine::{
    Context, JsArgs, JsError, JsNativeError, JsResult, JsString, JsValue, NativeFunction,
    builtins::promise::ResolvingFunctions,
    js_string,
    object::{
        FunctionObjectBuilder, IntegrityLevel, JsObject,
        builtins::{JsArray, JsFunction, JsPromise},
    },
    property::Attribute,
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};

/// What the host answers to a call whose argument is longer than it takes.
pub const TOO_LONG: i32 = -1;
/// What the host answers to a call while as many are unanswered as it lets be.
pub const TOO_MANY: i32 = -2;

/// Tells the host of a call, by name and JSON; the answer is the call's number, or negative.
type Tell = dyn Fn(&str, &str) -> i32;

struct Answer {
    call: ResolvingFunctions,
    good: bool,
    json: String,
}

/// What `HostCalls::deliver` did.
pub enum Delivery {
    /// Gave one answer to the script.
    Delivered,
    /// Nothing: calls are unanswered.
    Awaited,
    /// Nothing: every call has been answered.
    NoneAwaited,
}

/// The calls of the present evaluation.
pub struct HostCalls {
    tell: Box<Tell>,
    stringify: JsFunction,
    unanswered: RefCell<BTreeMap<i32, ResolvingFunctions>>,
    answers: RefCell<VecDeque<Answer>>,
}

impl Sandbox {
    /// Defines the frozen global `host` with a function for each name of a JSON array; none for an
    /// empty one. `tell` is told of every call.
    ///
    /// # Errors
    /// Fails when `names` is no JSON array of strings.
    pub fn expose(&mut self, names: &str, tell: Box<Tell>) -> JsResult<()> {
        let text = JsValue::from(JsString::from(names));
        let none = JsValue::undefined();
        let context = &mut self.context;
        let names = self.pristine.parse.call(&none, &[text], context)?;
        let names = names.as_object().ok_or_else(not_names)?;
        let names = JsArray::from_object(names.clone())?;
        let count = names.length(context)?;
        if count == 0 {
            return Ok(());
        }
        let host = JsObject::with_null_proto();
        for index in 0..count {
            let name = names.get(index, context)?;
            let name = name.as_string().ok_or_else(not_names)?;
            let function = host_function(name.clone(), context);
            host.create_data_property_or_throw(name, function, context)?;
        }
        host.set_integrity_level(IntegrityLevel::Frozen, context)?;
        let attribute = Attribute::WRITABLE | Attribute::CONFIGURABLE;
        context.register_global_property(js_string!("host"), host, attribute)?;
        let calls = Rc::new(HostCalls {
            tell,
            stringify: self.pristine.stringify.clone(),
            unanswered: RefCell::default(),
            answers: RefCell::default(),
        });
        context.insert_data(calls.clone());
        self.host_calls = Some(calls);
        Ok(())
    }

    /// Takes the host's answer to call `id`, for `resume` to hand on; an unknown call's is dropped.
    /// `json` is the result, or the message of the error when not `good`.
    pub fn settle(&self, id: i32, good: bool, json: String) {
        let Some(calls) = &self.host_calls else {
            return;
        };
        if let Some(call) = calls.unanswered.borrow_mut().remove(&id) {
            let answer = Answer { call, good, json };
            calls.answers.borrow_mut().push_back(answer);
        }
    }
}

fn not_names() -> JsError {
    JsNativeError::typ()
        .with_message("names of host functions must be a JSON array of strings")
        .into()
}

fn host_function(name: JsString, context: &Context) -> JsFunction {
    let body = NativeFunction::from_copy_closure_with_captures(
        |_, arguments, name: &JsString, context| {
            call(name, arguments.get_or_undefined(0), context).map(JsValue::from)
        },
        name.clone(),
    );
    FunctionObjectBuilder::new(context.realm(), body)
        .name(name)
        .length(1)
        .constructor(false)
        .build()
}

/// A promise of the host's answer. As of an async function, errors are rejections.
fn call(name: &JsString, argument: &JsValue, context: &mut Context) -> JsResult<JsPromise> {
    let (promise, resolving) = JsPromise::new_pending(context);
    let calls = context.get_data::<Rc<HostCalls>>().cloned();
    let begun = match calls {
        None => Err(refused(name)),
        Some(calls) => calls.begin(name, argument, &resolving, context),
    };
    if let Err(error) = begun {
        let reason = error.into_opaque(context)?;
        resolving
            .reject
            .call(&JsValue::undefined(), &[reason], context)?;
    }
    Ok(promise)
}

fn refused(name: &JsString) -> JsError {
    let message = format!("host.{}: refused by the host", name.to_std_string_lossy());
    JsNativeError::error().with_message(message).into()
}

impl HostCalls {
    fn begin(
        &self,
        name: &JsString,
        argument: &JsValue,
        resolving: &ResolvingFunctions,
        context: &mut Context,
    ) -> JsResult<()> {
        let none = JsValue::undefined();
        let json = self
            .stringify
            .call(&none, std::slice::from_ref(argument), context)?;
        let json = json.as_string().unwrap_or(js_string!("null"));
        let json = json.to_std_string_lossy();
        let text = name.to_std_string_lossy();
        let id = (self.tell)(&text, &json);
        let message = match id {
            0.. => {
                self.unanswered.borrow_mut().insert(id, resolving.clone());
                return Ok(());
            }
            TOO_LONG => format!(
                "host.{text}: {} bytes of JSON are more than the host takes",
                json.len()
            ),
            TOO_MANY => format!("host.{text}: too many calls have not been answered"),
            _ => return Err(refused(name)),
        };
        Err(JsNativeError::range().with_message(message).into())
    }

    /// Settles the promise of the earliest answer that has not been delivered. Jobs are left to
    /// the caller.
    ///
    /// # Errors
    /// Returns what cannot be turned into a rejection.
    pub fn deliver(&self, parse: &JsFunction, context: &mut Context) -> JsResult<Delivery> {
        let Some(answer) = self.answers.borrow_mut().pop_front() else {
            return Ok(if self.unanswered.borrow().is_empty() {
                Delivery::NoneAwaited
            } else {
                Delivery::Awaited
            });
        };
        let none = JsValue::undefined();
        let text = JsValue::from(JsString::from(answer.json.as_str()));
        let (settle, value) = match parse.call(&none, &[text], context) {
            Ok(value) if answer.good => (answer.call.resolve, value),
            Ok(value) => (answer.call.reject, error_of(&value, &answer.json, context)),
            Err(error) => (answer.call.reject, error.into_opaque(context)?),
        };
        settle.call(&none, &[value], context)?;
        Ok(Delivery::Delivered)
    }

    /// Forgets every call and answer, at the end of an evaluation.
    pub fn clear(&self) {
        self.unanswered.take();
        self.answers.take();
    }
}

/// The error of an answer that is not good: its message is the JSON string, or else the JSON.
fn error_of(message: &JsValue, json: &str, context: &mut Context) -> JsValue {
    let message = message
        .as_string()
        .map_or_else(|| json.to_owned(), |text| text.to_std_string_lossy());
    JsNativeError::error()
        .with_message(message)
        .into_opaque(context)
        .into()
}
