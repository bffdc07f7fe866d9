//! TextEncoder and TextDecoder for UTF-8 (Encoding Standard).

use super::{ACCESSOR, wrong_receiver};
use boa_engine::{
    Context, Finalize, JsArgs, JsData, JsNativeError, JsResult, JsString, JsValue, NativeFunction,
    Trace,
    class::{Class, ClassBuilder},
    js_string,
    native_function::NativeFunctionPointer,
    object::{
        JsObject,
        builtins::{JsArrayBuffer, JsDataView, JsTypedArray, JsUint8Array},
    },
};
use std::cell::RefCell;

const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();
/// A sequence cut off by the end of a chunk is at most this long.
const INCOMPLETE_MAX: usize = 3;

/// Defines a read-only attribute of a class.
pub(super) fn getter(
    class: &mut ClassBuilder<'_>,
    name: JsString,
    function: NativeFunctionPointer,
) {
    let realm = class.context().realm().clone();
    let function = NativeFunction::from_fn_ptr(function).to_js_function(&realm);
    class.accessor(name, Some(function), None, ACCESSOR);
}

#[derive(Debug, Trace, Finalize, JsData)]
pub struct TextEncoder;

impl Class for TextEncoder {
    const NAME: &'static str = "TextEncoder";

    fn init(class: &mut ClassBuilder<'_>) -> JsResult<()> {
        getter(class, js_string!("encoding"), utf8_name);
        class.method(js_string!("encode"), 0, NativeFunction::from_fn_ptr(encode));
        let encode_into = NativeFunction::from_fn_ptr(encode_into);
        class.method(js_string!("encodeInto"), 2, encode_into);
        Ok(())
    }

    fn data_constructor(_: &JsValue, _: &[JsValue], _: &mut Context) -> JsResult<Self> {
        Ok(Self)
    }
}

fn utf8_name(_: &JsValue, _: &[JsValue], _: &mut Context) -> JsResult<JsValue> {
    Ok(js_string!("utf-8").into())
}

fn encode(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let text = match arguments.get_or_undefined(0) {
        value if value.is_undefined() => js_string!(),
        value => value.to_string(context)?,
    };
    Ok(JsUint8Array::from_iter(text.to_std_string_lossy().into_bytes(), context)?.into())
}

/// Writes as many whole code points as there is room for; tells how many UTF-16 units were read and
/// how many bytes written.
fn encode_into(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let text = arguments.get_or_undefined(0).to_string(context)?;
    let wrong = || JsNativeError::typ().with_message("The destination must be a Uint8Array");
    let target = arguments
        .get_or_undefined(1)
        .as_object()
        .ok_or_else(wrong)?;
    let view = JsUint8Array::from_object(target.clone()).map_err(|_| wrong())?;
    let (start, length) = (view.byte_offset(context)?, view.byte_length(context)?);
    let buffer = view.buffer(context)?;
    let buffer = JsArrayBuffer::from_object(buffer.as_object().ok_or_else(wrong)?.clone())?;
    let (mut read, mut written) = (0, 0);
    if let Some(mut bytes) = buffer.data_mut() {
        let room = bytes.get_mut(start..start + length).ok_or_else(wrong)?;
        for point in text.code_points() {
            let character = point.as_char().unwrap_or(char::REPLACEMENT_CHARACTER);
            let Some(place) = room.get_mut(written..written + character.len_utf8()) else {
                break;
            };
            character.encode_utf8(place);
            read += point.code_unit_count();
            written += place.len();
        }
    }
    let told = JsObject::with_object_proto(context.intrinsics());
    for (name, count) in [(js_string!("read"), read), (js_string!("written"), written)] {
        told.create_data_property_or_throw(name, count, context)?;
    }
    Ok(told.into())
}

#[derive(Debug, Trace, Finalize, JsData)]
pub struct TextDecoder {
    fatal: bool,
    ignores_mark: bool,
    /// Bytes of a sequence that the next chunk may complete; `None` before the first chunk.
    #[unsafe_ignore_trace]
    kept: RefCell<Option<Vec<u8>>>,
}

impl Class for TextDecoder {
    const NAME: &'static str = "TextDecoder";

    fn init(class: &mut ClassBuilder<'_>) -> JsResult<()> {
        getter(class, js_string!("encoding"), utf8_name);
        getter(class, js_string!("fatal"), |this, _, _| {
            with_decoder(this, |decoder| JsValue::from(decoder.fatal))
        });
        getter(class, js_string!("ignoreBOM"), |this, _, _| {
            with_decoder(this, |decoder| JsValue::from(decoder.ignores_mark))
        });
        class.method(js_string!("decode"), 0, NativeFunction::from_fn_ptr(decode));
        Ok(())
    }

    fn data_constructor(
        _: &JsValue,
        arguments: &[JsValue],
        context: &mut Context,
    ) -> JsResult<Self> {
        let label = arguments.get_or_undefined(0);
        if !label.is_undefined() {
            let label = label.to_string(context)?.to_std_string_escaped();
            let known = [
                "utf-8",
                "utf8",
                "unicode-1-1-utf-8",
                "unicode11utf8",
                "unicode20utf8",
            ];
            if !known.contains(&label.trim().to_ascii_lowercase().as_str()) {
                let message = format!("The encoding '{label}' is not supported; UTF-8 is");
                return Err(JsNativeError::range().with_message(message).into());
            }
        }
        let options = arguments.get_or_undefined(1);
        Ok(Self {
            fatal: option(options, js_string!("fatal"), context)?,
            ignores_mark: option(options, js_string!("ignoreBOM"), context)?,
            kept: RefCell::new(None),
        })
    }
}

fn option(options: &JsValue, name: JsString, context: &mut Context) -> JsResult<bool> {
    options
        .as_object()
        .map_or(Ok(false), |o| o.get(name, context).map(|v| v.to_boolean()))
}

fn with_decoder<R>(this: &JsValue, read: impl FnOnce(&TextDecoder) -> R) -> JsResult<R> {
    let object = this.as_object();
    let decoder = object
        .as_ref()
        .and_then(|object| object.downcast_ref::<TextDecoder>());
    decoder
        .map(|decoder| read(&decoder))
        .ok_or_else(|| wrong_receiver("TextDecoder"))
}

fn decode(this: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let chunk = bytes_of(arguments.get_or_undefined(0), context)?;
    let stream = option(arguments.get_or_undefined(1), js_string!("stream"), context)?;
    let text = with_decoder(this, |decoder| decoder.decode_chunk(&chunk, stream))?;
    match text {
        Some(text) => Ok(JsString::from(text.as_str()).into()),
        None => Err(JsNativeError::typ()
            .with_message("The data is not valid UTF-8")
            .into()),
    }
}

impl TextDecoder {
    /// None when the bytes are no UTF-8 and that is fatal.
    fn decode_chunk(&self, chunk: &[u8], stream: bool) -> Option<String> {
        let kept = self.kept.take();
        let first = kept.is_none();
        let mut bytes = kept.unwrap_or_default();
        bytes.extend_from_slice(chunk);
        let mut rest = Vec::new();
        if stream {
            rest = bytes.split_off(bytes.len() - incomplete_length(&bytes));
        }
        let begins = first && !(stream && bytes.is_empty());
        let body = match bytes.strip_prefix(BYTE_ORDER_MARK) {
            Some(body) if begins && !self.ignores_mark => body,
            _ => &bytes,
        };
        let text = String::from_utf8_lossy(body);
        let valid = matches!(text, std::borrow::Cow::Borrowed(_));
        if stream && (valid || !self.fatal) {
            // Still at the beginning while nothing but part of a byte order mark has come.
            let undecided = first && bytes.is_empty() && rest.is_empty();
            self.kept.replace((!undecided).then_some(rest));
        }
        (valid || !self.fatal).then(|| text.into_owned())
    }
}

/// The length of a well-begun sequence at the end that lacks bytes.
fn incomplete_length(bytes: &[u8]) -> usize {
    for length in 1..=INCOMPLETE_MAX.min(bytes.len()) {
        let tail = &bytes[bytes.len() - length..];
        if let Err(error) = std::str::from_utf8(tail)
            && error.valid_up_to() == 0
            && error.error_len().is_none()
        {
            return length;
        }
    }
    0
}

/// A copy of the bytes of a buffer or of a view on one.
fn bytes_of(source: &JsValue, context: &mut Context) -> JsResult<Vec<u8>> {
    if source.is_undefined() {
        return Ok(Vec::new());
    }
    let wrong = || JsNativeError::typ().with_message("The data must be a buffer or a view on one");
    let object = source.as_object().ok_or_else(wrong)?;
    let (buffer, start, length) = if let Ok(view) = JsTypedArray::from_object(object.clone()) {
        let (start, length) = (view.byte_offset(context)?, view.byte_length(context)?);
        (view.buffer(context)?, start, length)
    } else if let Ok(view) = JsDataView::from_object(object.clone()) {
        let (start, length) = (view.byte_offset(context)?, view.byte_length(context)?);
        (view.buffer(context)?, start as usize, length as usize)
    } else {
        let length = JsArrayBuffer::from_object(object.clone())?.byte_length();
        (JsValue::from(object.clone()), 0, length)
    };
    let buffer = JsArrayBuffer::from_object(buffer.as_object().ok_or_else(wrong)?.clone())?;
    let bytes = buffer.data().ok_or_else(wrong)?;
    Ok(bytes.get(start..start + length).ok_or_else(wrong)?.to_vec())
}
