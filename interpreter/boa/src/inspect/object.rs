//! Objects, by their kind.

use super::{Inspector, layout};
use crate::outcome;
use boa_engine::{
    JsString, JsValue,
    builtins::{error::Error, promise::PromiseState, proxy::Proxy},
    js_string,
    object::{
        JsObject,
        builtins::{
            JsArray, JsArrayBuffer, JsDate, JsMap, JsPromise, JsRegExp, JsSet, JsTypedArray,
        },
    },
    property::{PropertyDescriptor, PropertyKey},
};

/// Elements or properties shown of one object.
const ENTRIES_MAX: usize = 100;

impl Inspector<'_> {
    pub(super) fn object(&mut self, object: &JsObject, too_deep: bool) -> String {
        if object.is::<Proxy>() {
            return "[Proxy]".to_owned();
        }
        if object.is_callable() {
            return function_name(object);
        }
        if object.is::<Error>() {
            return self.error(object, too_deep);
        }
        if let Some(text) = self.atom(object) {
            return text;
        }
        let class = class_name(object);
        if too_deep {
            let name = class.unwrap_or_else(|| "Object: null prototype".to_owned());
            return format!("[{name}]");
        }
        self.collection(object, class)
    }

    /// What has a text of its own, without parts.
    fn atom(&mut self, object: &JsObject) -> Option<String> {
        if let Ok(date) = JsDate::from_object(object.clone()) {
            let text = date
                .to_iso_string(self.context)
                .ok()
                .and_then(|text| text.as_string());
            return Some(text.map_or_else(|| "Invalid Date".to_owned(), super::as_text));
        }
        if let Ok(pattern) = JsRegExp::from_object(object.clone()) {
            return Some(self.pattern(&pattern));
        }
        for (name, boxed) in [
            (
                "Number",
                object.downcast_ref::<f64>().map(|n| JsValue::from(*n)),
            ),
            (
                "Boolean",
                object.downcast_ref::<bool>().map(|b| JsValue::from(*b)),
            ),
            (
                "String",
                object
                    .downcast_ref::<JsString>()
                    .map(|s| JsValue::from(s.clone())),
            ),
        ] {
            if let Some(primitive) = boxed {
                return Some(format!("[{name}: {}]", self.value(&primitive)));
            }
        }
        None
    }

    fn pattern(&mut self, pattern: &JsRegExp) -> String {
        let mut text = format!("/{}/", pattern.source(self.context).unwrap_or_default());
        for (letter, flag) in [
            ('d', pattern.has_indices(self.context)),
            ('g', pattern.global(self.context)),
            ('i', pattern.ignore_case(self.context)),
            ('m', pattern.multiline(self.context)),
            ('s', pattern.dot_all(self.context)),
            ('u', pattern.unicode(self.context)),
            ('y', pattern.sticky(self.context)),
        ] {
            if flag.unwrap_or(false) {
                text.push(letter);
            }
        }
        text
    }

    fn collection(&mut self, object: &JsObject, class: Option<String>) -> String {
        let name = class.unwrap_or_else(|| "[Object: null prototype]".to_owned());
        if let Ok(array) = JsArray::from_object(object.clone()) {
            let prefix = if name == "Array" { String::new() } else { name };
            let length = array.length(self.context).unwrap_or(0);
            return layout::group(&prefix, '[', &self.elements(object, length), ']');
        }
        if let Ok(array) = JsTypedArray::from_object(object.clone()) {
            let length = array.length(self.context).unwrap_or(0);
            let mut parts = Vec::new();
            for index in 0..length.min(ENTRIES_MAX) {
                let element = array.at(index as i64, self.context).unwrap_or_default();
                parts.push(self.value(&element));
            }
            push_rest(&mut parts, length as u64);
            return layout::group(&format!("{name}({length})"), '[', &parts, ']');
        }
        if let Ok(map) = JsMap::from_object(object.clone()) {
            return self.map(&map, &name);
        }
        if let Ok(set) = JsSet::from_object(object.clone()) {
            let mut values = Vec::new();
            let collected = set.for_each_native(|value| {
                values.push(value);
                Ok(())
            });
            drop(collected);
            let length = values.len();
            let mut parts: Vec<String> = values
                .iter()
                .take(ENTRIES_MAX)
                .map(|value| self.value(value))
                .collect();
            push_rest(&mut parts, length as u64);
            return layout::group(&format!("{name}({length})"), '{', &parts, '}');
        }
        self.ordinary(object, &name)
    }

    fn map(&mut self, map: &JsMap, name: &str) -> String {
        let mut entries = Vec::new();
        let collected = map.for_each_native(|key, value| {
            entries.push((key, value));
            Ok(())
        });
        drop(collected);
        let length = entries.len();
        let mut parts = Vec::new();
        for (key, value) in entries.iter().take(ENTRIES_MAX) {
            parts.push(format!("{} => {}", self.value(key), self.value(value)));
        }
        push_rest(&mut parts, length as u64);
        layout::group(&format!("{name}({length})"), '{', &parts, '}')
    }

    fn ordinary(&mut self, object: &JsObject, name: &str) -> String {
        let mut parts = Vec::new();
        if let Ok(promise) = JsPromise::from_object(object.clone()) {
            parts.push(match promise.state() {
                PromiseState::Pending => "<pending>".to_owned(),
                PromiseState::Fulfilled(value) => self.value(&value),
                PromiseState::Rejected(reason) => format!("<rejected> {}", self.value(&reason)),
            });
        } else if let Ok(buffer) = JsArrayBuffer::from_object(object.clone()) {
            parts.push(format!("byteLength: {}", buffer.byte_length()));
        }
        parts.extend(self.properties(object));
        let prefix = if name == "Object" { "" } else { name };
        layout::group(prefix, '{', &parts, '}')
    }

    /// Array elements; a run of holes is one part.
    fn elements(&mut self, object: &JsObject, length: u64) -> Vec<String> {
        let mut parts = Vec::new();
        let mut holes = 0;
        for index in 0..length.min(ENTRIES_MAX as u64) {
            let property = own_property(object, &PropertyKey::from(index));
            if let (Some(_), 1..) = (&property, holes) {
                parts.push(holes_text(holes));
                holes = 0;
            }
            match property {
                Some(property) => parts.push(self.property(&property)),
                None => holes += 1,
            }
        }
        if holes > 0 {
            parts.push(holes_text(holes));
        }
        push_rest(&mut parts, length);
        parts
    }

    fn properties(&mut self, object: &JsObject) -> Vec<String> {
        let keys = object.own_property_keys(self.context).unwrap_or_default();
        let mut parts = Vec::new();
        let mut shown = 0_u64;
        for key in keys {
            let Some(property) = own_property(object, &key) else {
                continue;
            };
            if property.enumerable() == Some(false) {
                continue;
            }
            shown += 1;
            if shown <= ENTRIES_MAX as u64 {
                let name = match key {
                    PropertyKey::Symbol(symbol) => {
                        format!("[{}]", symbol.descriptive_string().to_std_string_escaped())
                    }
                    key => layout::property_name(&super::text(&JsValue::from(key), self.context)),
                };
                parts.push(format!("{name}: {}", self.property(&property)));
            }
        }
        push_rest(&mut parts, shown);
        parts
    }

    fn property(&mut self, property: &PropertyDescriptor) -> String {
        let accessor = |value: Option<&JsValue>| value.is_some_and(JsValue::is_object);
        match (
            property.value(),
            accessor(property.get()),
            accessor(property.set()),
        ) {
            (Some(value), ..) => self.value(value),
            (None, true, true) => "[Getter/Setter]".to_owned(),
            (None, false, true) => "[Setter]".to_owned(),
            (None, ..) => "[Getter]".to_owned(),
        }
    }

    /// The headline and the stack, then what else the error has: `[cause]` and `[errors]` too,
    /// which are not enumerable.
    fn error(&mut self, object: &JsObject, too_deep: bool) -> String {
        let headline = outcome::error_headline(object);
        let text = match outcome::error_stack(object, self.context) {
            None => format!("[{headline}]"),
            Some(stack) => format!("{headline}\n{stack}"),
        };
        if too_deep {
            return text;
        }
        let mut parts = self.properties(object);
        for name in [js_string!("cause"), js_string!("errors")] {
            let hidden = own_property(object, &PropertyKey::from(name.clone()))
                .filter(|property| property.enumerable() == Some(false));
            if let Some(property) = hidden {
                let value = self.property(&property);
                parts.push(format!("[{}]: {value}", super::as_text(name)));
            }
        }
        if parts.is_empty() {
            return text;
        }
        layout::group(&text, '{', &parts, '}')
    }
}

fn own_property(object: &JsObject, key: &PropertyKey) -> Option<PropertyDescriptor> {
    object.borrow().properties().get(key)
}

fn own_string(object: &JsObject, name: JsString) -> Option<String> {
    let property = own_property(object, &PropertyKey::from(name))?;
    property
        .value()
        .and_then(JsValue::as_string)
        .map(super::as_text)
}

fn function_name(object: &JsObject) -> String {
    match own_string(object, js_string!("name")).filter(|name| !name.is_empty()) {
        None => "[Function (anonymous)]".to_owned(),
        Some(name) => format!("[Function: {name}]"),
    }
}

/// The name of the object's constructor; none without a prototype.
fn class_name(object: &JsObject) -> Option<String> {
    let prototype = object.prototype()?;
    let constructor = own_property(&prototype, &PropertyKey::from(js_string!("constructor")));
    let constructor = constructor.and_then(|property| property.value().cloned());
    let name = constructor.and_then(|value| own_string(&value.as_object()?, js_string!("name")));
    Some(
        name.filter(|name| !name.is_empty())
            .unwrap_or_else(|| "Object".to_owned()),
    )
}

fn holes_text(holes: u64) -> String {
    format!("<{holes} empty item{}>", if holes == 1 { "" } else { "s" })
}

fn push_rest(parts: &mut Vec<String>, length: u64) {
    let rest = length.saturating_sub(ENTRIES_MAX as u64);
    if rest > 0 {
        parts.push(format!(
            "... {rest} more item{}",
            if rest == 1 { "" } else { "s" }
        ));
    }
}
