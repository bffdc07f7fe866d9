//! JSON.parse without the engine's parser, which would keep every string of every text for ever and
//! take no more than 128 levels. This one keeps nothing, and does not recurse.

use crate::json_scan::{Scanner, Token, Unit};
use boa_engine::{
    Context, JsArgs, JsNativeError, JsObject, JsResult, JsValue, NativeFunction, js_string,
    object::{
        FunctionObjectBuilder,
        builtins::{JsArray, JsFunction},
    },
    property::{PropertyDescriptor, PropertyKey},
    string::JsStrVariant,
};

/// The engine's own JSON.parse, which serves calls with a reviver.
struct WithReviver(JsFunction);

/// An array or object that is not complete.
enum Open {
    Array(Vec<JsValue>),
    Object(JsObject, PropertyKey),
}

/// Puts our parser in the place of JSON.parse.
///
/// # Errors
/// Fails when the realm has no ordinary JSON object.
pub fn install(context: &mut Context) -> JsResult<()> {
    let json = context
        .global_object()
        .get(js_string!("JSON"), context)?
        .to_object(context)?;
    let engine = json.get(js_string!("parse"), context)?.as_function();
    let engine = engine.ok_or_else(|| JsNativeError::typ().with_message("no JSON.parse"))?;
    context.insert_data(WithReviver(engine));
    let parse = FunctionObjectBuilder::new(context.realm(), NativeFunction::from_fn_ptr(parse))
        .name(js_string!("parse"))
        .length(2)
        .constructor(false)
        .build();
    let property = PropertyDescriptor::builder()
        .value(parse)
        .writable(true)
        .enumerable(false)
        .configurable(true);
    json.define_property_or_throw(js_string!("parse"), property, context)?;
    Ok(())
}

fn parse(this: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    if arguments.get_or_undefined(1).is_callable()
        && let Some(engine) = context.get_data::<WithReviver>()
    {
        return engine.0.clone().call(this, arguments, context);
    }
    let text = arguments.get_or_undefined(0).to_string(context)?;
    match text.as_str().variant() {
        JsStrVariant::Latin1(units) => value(&mut Scanner::new(units), context),
        JsStrVariant::Utf16(units) => value(&mut Scanner::new(units), context),
    }
}

fn value<U: Unit>(scanner: &mut Scanner<'_, U>, context: &mut Context) -> JsResult<JsValue> {
    let mut open: Vec<Open> = Vec::new();
    loop {
        let token = scanner.next_token()?;
        let mut complete = match token {
            Token::Value(value) => value,
            Token::ArrayStart => {
                if !scanner.skip(b']') {
                    open.push(Open::Array(Vec::new()));
                    continue;
                }
                JsArray::new(context)?.into()
            }
            Token::ObjectStart => {
                let object = JsObject::with_object_proto(context.intrinsics());
                if !scanner.skip(b'}') {
                    open.push(Open::Object(object, scanner.key()?));
                    continue;
                }
                object.into()
            }
        };
        // The value may be the last of its array or object, and that of the next, and so on.
        loop {
            let Some(innermost) = open.pop() else {
                scanner.end()?;
                return Ok(complete);
            };
            match add(innermost, complete, scanner, context)? {
                Added::More(innermost) => {
                    open.push(innermost);
                    break;
                }
                Added::Complete(value) => complete = value,
            }
        }
    }
}

enum Added {
    More(Open),
    Complete(JsValue),
}

fn add<U: Unit>(
    innermost: Open,
    value: JsValue,
    scanner: &mut Scanner<'_, U>,
    context: &mut Context,
) -> JsResult<Added> {
    match innermost {
        Open::Array(mut elements) => {
            elements.push(value);
            if scanner.comma_or(b']')? {
                return Ok(Added::More(Open::Array(elements)));
            }
            Ok(Added::Complete(
                JsArray::from_iter(elements, context).into(),
            ))
        }
        Open::Object(object, key) => {
            object.create_data_property_or_throw(key, value, context)?;
            if scanner.comma_or(b'}')? {
                return Ok(Added::More(Open::Object(object, scanner.key()?)));
            }
            Ok(Added::Complete(object.into()))
        }
    }
}
