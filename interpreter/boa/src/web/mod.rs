//! Globals of the web platform that scripts expect everywhere and that need nothing from outside.

mod base64;
mod clone;
mod clone_parts;
mod encoding;
mod search_pairs;
mod search_params;
mod url;

use boa_engine::{
    Context, JsError, JsNativeError, JsResult, JsString, NativeFunction, js_string,
    native_function::NativeFunctionPointer,
    property::{Attribute, PropertyDescriptor},
};

/// Defines the globals of this folder.
///
/// # Errors
/// Fails when the global object refuses a property.
pub fn install(context: &mut Context) -> JsResult<()> {
    let functions: [(JsString, NativeFunctionPointer); 3] = [
        (js_string!("structuredClone"), clone::structured_clone),
        (js_string!("atob"), base64::atob),
        (js_string!("btoa"), base64::btoa),
    ];
    for (name, function) in functions {
        let function = NativeFunction::from_fn_ptr(function);
        context.register_global_builtin_callable(name, 1, function)?;
    }
    context.register_global_class::<encoding::TextEncoder>()?;
    context.register_global_class::<encoding::TextDecoder>()?;
    context.register_global_class::<search_params::SearchParams>()?;
    context.register_global_class::<url::Url>()?;
    for name in ["TextEncoder", "TextDecoder", "URL", "URLSearchParams"] {
        hide_from_enumeration(JsString::from(name), context)?;
    }
    Ok(())
}

/// Classes are enumerable as the engine registers them; nothing else on the global object is.
fn hide_from_enumeration(name: JsString, context: &mut Context) -> JsResult<()> {
    let property = PropertyDescriptor::builder().enumerable(false).build();
    context
        .global_object()
        .define_property_or_throw(name, property, context)?;
    Ok(())
}

/// The attributes of an accessor of these classes.
const ACCESSOR: Attribute = Attribute::ENUMERABLE.union(Attribute::CONFIGURABLE);

/// An error with a name of the DOM's, such as `DataCloneError`.
fn dom_error(name: &str, message: &str, context: &mut Context) -> JsError {
    let error = JsNativeError::error()
        .with_message(message.to_owned())
        .into_opaque(context);
    let property = PropertyDescriptor::builder()
        .value(JsString::from(name))
        .writable(true)
        .enumerable(false)
        .configurable(true);
    match error.define_property_or_throw(js_string!("name"), property, context) {
        Ok(_) => JsError::from_opaque(error.into()),
        Err(failure) => failure,
    }
}

/// The error of a method called on an object of another class.
fn wrong_receiver(class: &str) -> JsError {
    JsNativeError::typ()
        .with_message(format!("this is not a {class}"))
        .into()
}
