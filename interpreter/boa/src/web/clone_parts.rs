//! The objects that structuredClone copies as a whole: dates, patterns, buffers, views, errors.

use super::clone::{self, Memory};
use boa_engine::{
    Context, JsBigInt, JsNativeError, JsObject, JsResult, JsString, JsValue,
    builtins::{
        array_buffer::AlignedVec,
        error::{Error, ErrorKind},
        object::OrdinaryObject,
        proxy::Proxy,
        typed_array::TypedArrayKind,
    },
    js_string,
    object::builtins::{JsArrayBuffer, JsDataView, JsDate, JsRegExp, JsTypedArray},
    property::{PropertyDescriptor, PropertyKey},
};

/// The copy of an object that is copied as a whole; none for any other.
pub fn leaf(
    object: &JsObject,
    memory: &mut Memory,
    context: &mut Context,
) -> JsResult<Option<JsObject>> {
    if object.is::<Proxy>() {
        return Ok(None);
    }
    if let Some(primitive) = boxed(object) {
        return primitive.to_object(context).map(Some);
    }
    if let Ok(date) = JsDate::from_object(object.clone()) {
        let time = date.get_time(context)?;
        // Not JsDate::new, which reads the clock: that would count as the script's.
        let date = context.intrinsics().constructors().date().constructor();
        return date.construct(&[time], None, context).map(Some);
    }
    if let Ok(pattern) = JsRegExp::from_object(object.clone()) {
        return copy_pattern(&pattern, context).map(Some);
    }
    if let Ok(buffer) = JsArrayBuffer::from_object(object.clone()) {
        let bytes = buffer.to_vec().ok_or_else(detached)?;
        let copy = JsArrayBuffer::from_byte_block(AlignedVec::from_slice(0, &bytes), context)?;
        return Ok(Some(copy.into()));
    }
    if object.is::<Error>() {
        return copy_error(object, memory, context).map(Some);
    }
    copy_view(object, memory, context)
}

/// Whether the object has no nature but its properties.
pub fn is_plain(object: &JsObject) -> bool {
    object.is::<OrdinaryObject>() && !object.is_callable()
}

fn boxed(object: &JsObject) -> Option<JsValue> {
    let number = object
        .downcast_ref::<f64>()
        .map(|number| JsValue::from(*number));
    let boolean = || {
        object
            .downcast_ref::<bool>()
            .map(|boolean| JsValue::from(*boolean))
    };
    let string = || {
        object
            .downcast_ref::<JsString>()
            .map(|string| JsValue::from(string.clone()))
    };
    let integer = || {
        object
            .downcast_ref::<JsBigInt>()
            .map(|big| JsValue::from(big.clone()))
    };
    number.or_else(boolean).or_else(string).or_else(integer)
}

fn detached() -> JsNativeError {
    JsNativeError::typ().with_message("the buffer is detached")
}

fn copy_pattern(pattern: &JsRegExp, context: &mut Context) -> JsResult<JsObject> {
    let flags = pattern.flags(context)?;
    let source = pattern.source(context)?;
    let (source, flags) = (JsString::from(source), JsString::from(flags));
    Ok(JsRegExp::new(source, flags, context)?.into())
}

fn copy_view(
    object: &JsObject,
    memory: &mut Memory,
    context: &mut Context,
) -> JsResult<Option<JsObject>> {
    let (buffer, offset, length, constructor) =
        if let Ok(view) = JsTypedArray::from_object(object.clone()) {
            let Some(kind) = view.kind() else {
                return Ok(None);
            };
            let (offset, length) = (view.byte_offset(context)?, view.length(context)?);
            let constructor = constructor_of(kind, context);
            (
                view.buffer(context)?,
                offset as u64,
                length as u64,
                constructor,
            )
        } else if let Ok(view) = JsDataView::from_object(object.clone()) {
            let (offset, length) = (view.byte_offset(context)?, view.byte_length(context)?);
            let constructor = context
                .intrinsics()
                .constructors()
                .data_view()
                .constructor();
            (view.buffer(context)?, offset, length, constructor)
        } else {
            return Ok(None);
        };
    let buffer = clone::clone(&buffer, memory, context)?;
    let arguments = [buffer, JsValue::from(offset), JsValue::from(length)];
    constructor.construct(&arguments, None, context).map(Some)
}

fn constructor_of(kind: TypedArrayKind, context: &Context) -> JsObject {
    let constructors = context.intrinsics().constructors();
    let constructor = match kind {
        TypedArrayKind::Int8 => constructors.typed_int8_array(),
        TypedArrayKind::Uint8 => constructors.typed_uint8_array(),
        TypedArrayKind::Uint8Clamped => constructors.typed_uint8clamped_array(),
        TypedArrayKind::Int16 => constructors.typed_int16_array(),
        TypedArrayKind::Uint16 => constructors.typed_uint16_array(),
        TypedArrayKind::Int32 => constructors.typed_int32_array(),
        TypedArrayKind::Uint32 => constructors.typed_uint32_array(),
        TypedArrayKind::BigInt64 => constructors.typed_bigint64_array(),
        TypedArrayKind::BigUint64 => constructors.typed_biguint64_array(),
        TypedArrayKind::Float16 => constructors.typed_float16_array(),
        TypedArrayKind::Float32 => constructors.typed_float32_array(),
        TypedArrayKind::Float64 => constructors.typed_float64_array(),
    };
    constructor.constructor()
}

/// Name, message and cause; the name decides the class of the copy.
fn copy_error(object: &JsObject, memory: &mut Memory, context: &mut Context) -> JsResult<JsObject> {
    let name = object
        .get(js_string!("name"), context)?
        .to_string(context)?;
    let constructors = context.intrinsics().constructors();
    let (kind, prototype) = match name.to_std_string_escaped().as_str() {
        "EvalError" => (ErrorKind::Eval, constructors.eval_error()),
        "RangeError" => (ErrorKind::Range, constructors.range_error()),
        "ReferenceError" => (ErrorKind::Reference, constructors.reference_error()),
        "SyntaxError" => (ErrorKind::Syntax, constructors.syntax_error()),
        "TypeError" => (ErrorKind::Type, constructors.type_error()),
        "URIError" => (ErrorKind::Uri, constructors.uri_error()),
        _ => (ErrorKind::Error, constructors.error()),
    };
    let prototype = prototype.prototype();
    let copy = JsObject::from_proto_and_data(prototype, Error::new(kind)).upcast();
    memory.remember(object, &copy);
    for name in [js_string!("message"), js_string!("cause")] {
        let key = PropertyKey::from(name);
        let property = object.borrow().properties().get(&key);
        if let Some(value) = property.and_then(|property| property.value().cloned()) {
            let value = clone::clone(&value, memory, context)?;
            let property = PropertyDescriptor::builder()
                .value(value)
                .writable(true)
                .enumerable(false)
                .configurable(true);
            copy.define_property_or_throw(key, property, context)?;
        }
    }
    Ok(copy)
}
