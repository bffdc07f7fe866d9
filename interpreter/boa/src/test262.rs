//! `$262` and `print`, the host functions of the official conformance suite (test262,
//! INTERPRETING.md). Never part of an ordinary sandbox.

use crate::{console, random};
use boa_engine::{
    Context, JsArgs, JsNativeError, JsResult, JsValue, NativeFunction, Script, Source,
    builtins::is_html_dda::IsHTMLDDA,
    js_string,
    object::{FunctionObjectBuilder, JsObject, ObjectInitializer, builtins::JsArrayBuffer},
    property::Attribute,
    realm::Realm,
};

/// Defines `$262` and `print` in the context's present realm.
///
/// # Errors
/// Fails when the global object refuses a property.
pub fn install(context: &mut Context) -> JsResult<()> {
    let host = host_object(context);
    let attribute = Attribute::WRITABLE | Attribute::CONFIGURABLE;
    context.register_global_property(js_string!("$262"), host, attribute)?;
    let print = NativeFunction::from_fn_ptr(console::log);
    context.register_global_builtin_callable(js_string!("print"), 1, print)
}

fn host_object(context: &mut Context) -> JsObject {
    let realm = context.realm().clone();
    let eval_script = NativeFunction::from_copy_closure_with_captures(
        |_, arguments, realm: &Realm, context| eval_script(arguments, realm, context),
        realm.clone(),
    );
    let eval_script = FunctionObjectBuilder::new(&realm, eval_script)
        .name(js_string!("evalScript"))
        .length(1)
        .build();
    let global = context.global_object();
    let masquerade = JsObject::from_proto_and_data(None, IsHTMLDDA);
    let attribute = Attribute::WRITABLE | Attribute::CONFIGURABLE;
    ObjectInitializer::new(context)
        .function(
            NativeFunction::from_fn_ptr(create_realm),
            js_string!("createRealm"),
            0,
        )
        .function(
            NativeFunction::from_fn_ptr(detach),
            js_string!("detachArrayBuffer"),
            1,
        )
        .function(NativeFunction::from_fn_ptr(collect), js_string!("gc"), 0)
        .property(js_string!("evalScript"), eval_script, attribute)
        .property(js_string!("global"), global, attribute)
        .property(js_string!("IsHTMLDDA"), masquerade, attribute)
        .build()
}

fn eval_script(arguments: &[JsValue], realm: &Realm, context: &mut Context) -> JsResult<JsValue> {
    let text = arguments
        .get_or_undefined(0)
        .to_string(context)?
        .to_std_string_lossy();
    let outer = context.enter_realm(realm.clone());
    let result = Script::parse(Source::from_bytes(&text), None, context)
        .and_then(|script| script.evaluate(context));
    context.enter_realm(outer);
    result
}

/// A new realm's `$262`.
fn create_realm(_: &JsValue, _: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let realm = context.create_realm()?;
    let outer = context.enter_realm(realm);
    let host = random::install(context).and_then(|()| {
        install(context)?;
        context.global_object().get(js_string!("$262"), context)
    });
    context.enter_realm(outer);
    host
}

fn detach(_: &JsValue, arguments: &[JsValue], _: &mut Context) -> JsResult<JsValue> {
    let buffer = arguments.get_or_undefined(0).as_object();
    let buffer = buffer.ok_or_else(|| JsNativeError::typ().with_message("not an ArrayBuffer"))?;
    JsArrayBuffer::from_object(buffer.clone())?.detach(arguments.get_or_undefined(1))?;
    Ok(JsValue::null())
}

fn collect(_: &JsValue, _: &[JsValue], _: &mut Context) -> JsResult<JsValue> {
    boa_gc::force_collect();
    Ok(JsValue::undefined())
}
