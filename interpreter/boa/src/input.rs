//! The global `input`, which exists during one call.

use boa_engine::{
    Context, JsResult, JsValue, js_string,
    property::{PropertyDescriptor, PropertyKey},
};

/// What the global `input` was before the call.
pub struct Previous(Option<PropertyDescriptor>);

fn key() -> PropertyKey {
    PropertyKey::from(js_string!("input"))
}

fn own_property(context: &Context) -> Option<PropertyDescriptor> {
    context.global_object().borrow().properties().get(&key())
}

/// Makes `value` the global `input`.
///
/// # Errors
/// A TypeError when the script has made the global object or its `input` unchangeable.
pub fn define(value: JsValue, context: &mut Context) -> JsResult<Previous> {
    let previous = own_property(context);
    let property = match &previous {
        // A `var input` of the init_script cannot be deleted or redefined, but it can be assigned.
        Some(own) if own.configurable() == Some(false) => {
            PropertyDescriptor::builder().value(value).build()
        }
        _ => PropertyDescriptor::builder()
            .value(value)
            .writable(true)
            .enumerable(true)
            .configurable(true)
            .build(),
    };
    context
        .global_object()
        .define_property_or_throw(key(), property, context)?;
    Ok(Previous(previous))
}

/// Puts the global back as it was. What the script itself made unchangeable stays.
pub fn restore(previous: Previous, context: &mut Context) {
    let global = context.global_object();
    let outcome = match previous.0 {
        None => global.delete_property_or_throw(key(), context),
        Some(own) => global.define_property_or_throw(key(), own, context),
    };
    // The only failure is an `input` the script has frozen: its own doing, and harmless to others.
    drop(outcome);
}
