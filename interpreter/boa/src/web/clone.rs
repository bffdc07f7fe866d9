//! structuredClone (HTML, "StructuredSerializeInternal"): copies values, cycles included.

use super::{clone_parts, dom_error};
use boa_engine::{
    Context, JsArgs, JsNativeError, JsObject, JsResult, JsValue, JsVariant,
    builtins::proxy::Proxy,
    js_string,
    object::builtins::{JsArray, JsArrayBuffer, JsMap, JsSet},
    property::PropertyKey,
};
use std::collections::BTreeMap;

/// Objects nested deeper than this are refused; every level uses native stack.
const DEPTH_MAX: usize = 1000;

/// Copies made so far, by the identity of the original, which the value being cloned keeps alive.
#[derive(Default)]
pub(super) struct Memory {
    copies: BTreeMap<usize, (JsObject, JsObject)>,
    depth: usize,
}

impl Memory {
    pub(super) fn remember(&mut self, original: &JsObject, copy: &JsObject) {
        self.copies
            .insert(identity(original), (original.clone(), copy.clone()));
    }
}

fn identity(object: &JsObject) -> usize {
    std::ptr::from_ref(object.as_ref()).addr()
}

pub fn structured_clone(
    _: &JsValue,
    arguments: &[JsValue],
    context: &mut Context,
) -> JsResult<JsValue> {
    if arguments.is_empty() {
        return Err(JsNativeError::typ()
            .with_message("structuredClone needs a value")
            .into());
    }
    let mut memory = Memory::default();
    let transfer = transferred(arguments.get_or_undefined(1), context)?;
    let value = clone(arguments.get_or_undefined(0), &mut memory, context)?;
    for buffer in transfer {
        buffer.detach(&JsValue::undefined())?;
    }
    Ok(value)
}

/// The buffers to detach once the value has been cloned.
fn transferred(options: &JsValue, context: &mut Context) -> JsResult<Vec<JsArrayBuffer>> {
    let Some(options) = options.as_object() else {
        return Ok(Vec::new());
    };
    let list = options.get(js_string!("transfer"), context)?;
    let Some(list) = list.as_object() else {
        return Ok(Vec::new());
    };
    let length = list
        .get(js_string!("length"), context)?
        .to_length(context)?;
    let mut buffers = Vec::new();
    for index in 0..length {
        let element = list.get(index, context)?;
        let buffer = element
            .as_object()
            .and_then(|o| JsArrayBuffer::from_object(o.clone()).ok());
        let Some(buffer) = buffer else {
            let message = "only an ArrayBuffer can be transferred";
            return Err(dom_error("DataCloneError", message, context));
        };
        buffers.push(buffer);
    }
    Ok(buffers)
}

pub(super) fn clone(
    value: &JsValue,
    memory: &mut Memory,
    context: &mut Context,
) -> JsResult<JsValue> {
    let object = match value.variant() {
        JsVariant::Object(object) => object.clone(),
        JsVariant::Symbol(_) => {
            return Err(dom_error(
                "DataCloneError",
                "a symbol cannot be cloned",
                context,
            ));
        }
        _ => return Ok(value.clone()),
    };
    if let Some((_, copy)) = memory.copies.get(&identity(&object)) {
        return Ok(copy.clone().into());
    }
    if memory.depth == DEPTH_MAX {
        return Err(JsNativeError::range()
            .with_message("the value is too deeply nested")
            .into());
    }
    memory.depth += 1;
    let copy = clone_object(&object, memory, context);
    memory.depth -= 1;
    copy.map(JsValue::from)
}

fn clone_object(
    object: &JsObject,
    memory: &mut Memory,
    context: &mut Context,
) -> JsResult<JsObject> {
    if let Some(copy) = clone_parts::leaf(object, memory, context)? {
        memory.remember(object, &copy);
        return Ok(copy);
    }
    if let Ok(map) = JsMap::from_object(object.clone()) {
        return clone_map(object, &map, memory, context);
    }
    if let Ok(set) = JsSet::from_object(object.clone()) {
        return clone_set(object, &set, memory, context);
    }
    let copy = if object.is_array() && !object.is::<Proxy>() {
        let array = JsArray::new(context)?;
        let length = object.get(js_string!("length"), context)?;
        array.set(js_string!("length"), length, true, context)?;
        JsObject::from(array)
    } else if clone_parts::is_plain(object) {
        JsObject::with_object_proto(context.intrinsics())
    } else {
        let message = "a function or an object of this kind cannot be cloned";
        return Err(dom_error("DataCloneError", message, context));
    };
    memory.remember(object, &copy);
    clone_properties(object, &copy, memory, context)?;
    Ok(copy)
}

fn clone_properties(
    object: &JsObject,
    copy: &JsObject,
    memory: &mut Memory,
    context: &mut Context,
) -> JsResult<()> {
    for key in object.own_property_keys(context)? {
        let property = object.borrow().properties().get(&key);
        let enumerable = property.is_some_and(|property| property.enumerable() == Some(true));
        if !enumerable || matches!(key, PropertyKey::Symbol(_)) {
            continue;
        }
        let value = object.get(key.clone(), context)?;
        let value = clone(&value, memory, context)?;
        copy.create_data_property_or_throw(key, value, context)?;
    }
    Ok(())
}

fn clone_map(
    object: &JsObject,
    map: &JsMap,
    memory: &mut Memory,
    context: &mut Context,
) -> JsResult<JsObject> {
    let mut entries = Vec::new();
    map.for_each_native(|key, value| {
        entries.push((key, value));
        Ok(())
    })?;
    let copy = JsMap::new(context);
    memory.remember(object, &copy.clone().into());
    for (key, value) in entries {
        let key = clone(&key, memory, context)?;
        let value = clone(&value, memory, context)?;
        copy.set(key, value, context)?;
    }
    Ok(copy.into())
}

fn clone_set(
    object: &JsObject,
    set: &JsSet,
    memory: &mut Memory,
    context: &mut Context,
) -> JsResult<JsObject> {
    let mut values = Vec::new();
    set.for_each_native(|value| {
        values.push(value);
        Ok(())
    })?;
    let copy = JsSet::new(context);
    memory.remember(object, &copy.clone().into());
    for value in values {
        let value = clone(&value, memory, context)?;
        copy.add(value, context)?;
    }
    Ok(copy.into())
}
