//! atob and btoa (HTML, "Base64 utility methods").

use super::dom_error;
use boa_engine::{Context, JsArgs, JsResult, JsString, JsValue, string::JsStr};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub fn btoa(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let text = arguments.get_or_undefined(0).to_string(context)?;
    let mut bytes = Vec::with_capacity(text.len());
    for unit in text.iter() {
        let Ok(byte) = u8::try_from(unit) else {
            let message = "The string to be encoded contains characters outside of Latin-1";
            return Err(dom_error("InvalidCharacterError", message, context));
        };
        bytes.push(byte);
    }
    Ok(JsValue::from(JsString::from(encode(&bytes).as_str())))
}

pub fn atob(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let text = arguments.get_or_undefined(0).to_string(context)?;
    let units: Vec<u16> = text.iter().collect();
    let Some(bytes) = decode(&units) else {
        let message = "The string to be decoded is not correctly encoded";
        return Err(dom_error("InvalidCharacterError", message, context));
    };
    Ok(JsValue::from(JsString::from(JsStr::latin1(&bytes))))
}

fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for position in 0..4 {
            if position > chunk.len() {
                text.push('=');
            } else {
                let digit = (group >> (18 - 6 * position)) & 0x3F;
                text.push(char::from(ALPHABET[digit as usize]));
            }
        }
    }
    text
}

/// "Forgiving-base64 decode" of the Infra Standard; none for a text that is no Base64.
fn decode(units: &[u16]) -> Option<Vec<u8>> {
    let space = |unit: &u16| matches!(unit, 0x09 | 0x0A | 0x0C | 0x0D | 0x20);
    let mut digits: Vec<u16> = units.iter().copied().filter(|unit| !space(unit)).collect();
    if digits.len().is_multiple_of(4) {
        for _ in 0..2 {
            if digits.last() == Some(&u16::from(b'=')) {
                digits.pop();
            }
        }
    }
    if digits.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3);
    for chunk in digits.chunks(4) {
        let mut group = 0_u32;
        for &digit in chunk {
            group = group << 6 | value_of(digit)?;
        }
        group <<= 6 * (4 - chunk.len());
        let [_, first, second, third] = group.to_be_bytes();
        bytes.extend([first, second, third].iter().take(chunk.len() - 1));
    }
    Some(bytes)
}

fn value_of(digit: u16) -> Option<u32> {
    let value = match u8::try_from(digit).ok()? {
        letter @ b'A'..=b'Z' => letter - b'A',
        letter @ b'a'..=b'z' => letter - b'a' + 26,
        figure @ b'0'..=b'9' => figure - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}
