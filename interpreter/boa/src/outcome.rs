//! What a call ends with, and how a thrown value becomes texts for the user.
//!
//! None of this runs the script's code: getters, Proxy traps and toString are never called, so that
//! describing an error can neither fail, loop, nor change the sandbox.

use crate::inspect;
use boa_engine::{
    Context, JsError, JsNativeErrorKind, JsString, JsValue,
    builtins::error::Error,
    error::EngineError,
    js_string,
    object::{JsObject, builtins::JsFunction},
    property::PropertyKey,
};

/// The longest message or stack handed over, in bytes: a thrown string can be as large as memory.
const TEXT_MAX: usize = 64 << 10;
/// Prototypes looked through for an error's name.
const PROTOTYPES_MAX: usize = 32;

/// How a call ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The result as JSON.
    Json(String),
    /// The script threw, or its result cannot be had.
    Thrown(Failure),
    /// The result waits for answers of host functions.
    Pending,
    /// The engine is broken; the text is for the operator only.
    Fatal(String),
}

/// A thrown value as texts.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    /// As `TypeError: x is not a function`.
    pub message: String,
    /// Lines as `    at f (script:1:21)`, innermost first.
    pub stack: Option<String>,
}

/// The realm's own getter of Error.prototype.stack, kept as the context's data.
pub struct StackGetter(pub JsFunction);

/// Describes what was thrown.
pub fn describe(error: &JsError, context: &mut Context) -> Outcome {
    if let Some(engine) = error.as_engine() {
        return match engine {
            EngineError::RuntimeLimit(_) => thrown("RangeError: Maximum call stack size exceeded"),
            other => Outcome::Fatal(other.to_string()),
        };
    }
    if let Some(native) = error.as_native() {
        let stack = error
            .to_string()
            .strip_prefix(&native.to_string())
            .map(str::to_owned);
        let message = headline(kind_name(native.kind()), native.message());
        return Outcome::Thrown(Failure {
            message: cut(message),
            stack: tidy(stack),
        });
    }
    let value = error.as_opaque().cloned().unwrap_or_default();
    Outcome::Thrown(describe_value(&value, context))
}

/// Describes a thrown value, or the reason of a rejection.
pub fn describe_value(value: &JsValue, context: &mut Context) -> Failure {
    let Some(object) = value.as_object().filter(|object| object.is::<Error>()) else {
        return Failure {
            message: cut(inspect::line(value, context)),
            stack: None,
        };
    };
    let message = error_headline(&object);
    Failure {
        message: cut(message),
        stack: error_stack(&object, context),
    }
}

/// The stack of an error object, from where it was made.
pub fn error_stack(object: &JsObject, context: &mut Context) -> Option<String> {
    let getter = context.get_data::<StackGetter>()?.0.clone();
    let stack = getter
        .call(&JsValue::from(object.clone()), &[], context)
        .ok()?;
    tidy(stack.as_string().map(|text| text.to_std_string_escaped()))
}

/// `TypeError: text` of an error object, from its own and inherited data properties.
pub fn error_headline(object: &JsObject) -> String {
    let name = data_property(object, js_string!("name"));
    let message = data_property(object, js_string!("message"));
    let name = name.map_or_else(|| "Error".to_owned(), |name| name.to_std_string_escaped());
    headline(
        &name,
        &message
            .map(|text| text.to_std_string_escaped())
            .unwrap_or_default(),
    )
}

/// A failure with that message and no stack.
pub fn thrown(message: &str) -> Outcome {
    Outcome::Thrown(Failure {
        message: message.to_owned(),
        stack: None,
    })
}

fn headline(name: &str, message: &str) -> String {
    match (name, message) {
        (name, "") => name.to_owned(),
        ("", message) => message.to_owned(),
        (name, message) => format!("{name}: {message}"),
    }
}

/// A string property of the object or its prototypes; an accessor counts as absent.
fn data_property(object: &JsObject, name: JsString) -> Option<JsString> {
    let key = PropertyKey::from(name);
    let mut holder = Some(object.clone());
    for _ in 0..PROTOTYPES_MAX {
        let current = holder?;
        if let Some(property) = current.borrow().properties().get(&key) {
            return property.value().and_then(JsValue::as_string);
        }
        holder = current.prototype();
    }
    None
}

const fn kind_name(kind: &JsNativeErrorKind) -> &'static str {
    match kind {
        JsNativeErrorKind::Aggregate(_) => "AggregateError",
        JsNativeErrorKind::Eval => "EvalError",
        JsNativeErrorKind::Range => "RangeError",
        JsNativeErrorKind::Reference => "ReferenceError",
        JsNativeErrorKind::Syntax => "SyntaxError",
        JsNativeErrorKind::Type => "TypeError",
        JsNativeErrorKind::Uri => "URIError",
        _ => "Error",
    }
}

/// Drops the frame of the eval function through which the script itself was started.
fn tidy(stack: Option<String>) -> Option<String> {
    let stack = stack?;
    let text = stack.trim_matches('\n');
    let text = text
        .strip_suffix("    at  (native)")
        .unwrap_or(text)
        .trim_end_matches('\n');
    (!text.is_empty()).then(|| cut(text.to_owned()))
}

fn cut(mut text: String) -> String {
    if text.len() > TEXT_MAX {
        text.truncate(text.floor_char_boundary(TEXT_MAX));
        text.push('…');
    }
    text
}
