//! Values as a person reads them, in the manner of other hosts' consoles.
//!
//! None of the script's code runs: accessors are named, Proxies are not opened. Depth and length
//! are bounded, so that a text can be made of any value.

mod layout;
mod object;
#[cfg(test)]
mod tests;

use boa_engine::{Context, JsString, JsValue, JsVariant, object::JsObject};

/// Objects nested deeper than this are only named.
const DEPTH_MAX: usize = 2;

/// The value as text; a string as it is.
pub fn text(value: &JsValue, context: &mut Context) -> String {
    match value.as_string() {
        Some(string) => string.to_std_string_lossy(),
        None => quoted(value, context),
    }
}

/// The value as text on one line; a string as it is.
pub fn line(value: &JsValue, context: &mut Context) -> String {
    let text = text(value, context);
    if value.is_string() {
        return text;
    }
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

/// The value as text; a string in quotes.
pub fn quoted(value: &JsValue, context: &mut Context) -> String {
    Inspector {
        context,
        ancestors: Vec::new(),
    }
    .value(value)
}

/// Walks one value; `ancestors` are the objects it is inside of.
struct Inspector<'context> {
    context: &'context mut Context,
    ancestors: Vec<JsObject>,
}

impl Inspector<'_> {
    fn value(&mut self, value: &JsValue) -> String {
        match value.variant() {
            JsVariant::Object(object) => self.nested(&object.clone()),
            JsVariant::String(string) => layout::quote(&string.to_std_string_escaped()),
            JsVariant::Float64(number) if number == 0.0 && number.is_sign_negative() => "-0".into(),
            JsVariant::BigInt(integer) => format!("{integer}n"),
            JsVariant::Symbol(symbol) => symbol.descriptive_string().to_std_string_escaped(),
            _ => value
                .to_string(self.context)
                .map_or_else(|_| String::new(), as_text),
        }
    }

    fn nested(&mut self, object: &JsObject) -> String {
        if self
            .ancestors
            .iter()
            .any(|ancestor| JsObject::equals(ancestor, object))
        {
            return "[Circular]".to_owned();
        }
        let too_deep = self.ancestors.len() > DEPTH_MAX;
        self.ancestors.push(object.clone());
        let text = self.object(object, too_deep);
        self.ancestors.pop();
        text
    }
}

fn as_text(string: JsString) -> String {
    string.to_std_string_escaped()
}
