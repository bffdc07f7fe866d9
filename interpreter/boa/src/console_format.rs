//! The arguments of console.log as one text, with the directives of the Console Standard.

use crate::inspect;
use boa_engine::{Context, JsValue, JsVariant};

/// Formats as console.log does, without running any of the script's code.
pub fn format(arguments: &[JsValue], context: &mut Context) -> String {
    let mut rest = arguments.iter();
    let mut text = String::new();
    let first = rest.as_slice().first().and_then(JsValue::as_string);
    if let Some(template) = first.filter(|_| arguments.len() > 1) {
        rest.next();
        fill(
            &template.to_std_string_escaped(),
            &mut rest,
            &mut text,
            context,
        );
        if !rest.as_slice().is_empty() {
            text.push(' ');
        }
    }
    let words: Vec<String> = rest.map(|value| inspect::text(value, context)).collect();
    text + &words.join(" ")
}

/// Copies `template` to `text`, putting an argument in the place of each directive.
fn fill(
    template: &str,
    rest: &mut std::slice::Iter<'_, JsValue>,
    text: &mut String,
    context: &mut Context,
) {
    let mut characters = template.chars().peekable();
    while let Some(character) = characters.next() {
        let directive = characters.peek().copied();
        match (character, directive) {
            ('%', Some('%')) => text.push('%'),
            ('%', Some(directive @ ('s' | 'd' | 'i' | 'f' | 'j' | 'o' | 'O' | 'c')))
                if !rest.as_slice().is_empty() =>
            {
                if let Some(value) = rest.next() {
                    text.push_str(&directed(directive, value, context));
                }
            }
            _ => {
                text.push(character);
                continue;
            }
        }
        characters.next();
    }
}

fn directed(directive: char, value: &JsValue, context: &mut Context) -> String {
    match directive {
        's' => inspect::text(value, context),
        'd' => number(value, context, |number| number),
        'i' => number(value, context, f64::trunc),
        'f' => number(value, context, |number| number),
        // A style has no meaning in text.
        'c' => String::new(),
        _ => inspect::quoted(value, context),
    }
}

fn number(value: &JsValue, context: &mut Context, round: fn(f64) -> f64) -> String {
    let number = match value.variant() {
        JsVariant::BigInt(integer) => return format!("{integer}n"),
        JsVariant::Object(_) | JsVariant::Symbol(_) => f64::NAN,
        _ => value.to_number(context).map_or(f64::NAN, round),
    };
    inspect::quoted(&JsValue::from(number), context)
}
