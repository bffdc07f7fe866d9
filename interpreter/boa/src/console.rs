//! The global `console`: log, info, debug, dir, table, group and count write to file 1; warn,
//! error, trace and assert to file 2.

use crate::{clock::VirtualClock, console_format::format, console_table, inspect, outcome};
use boa_engine::{
    Context, JsArgs, JsResult, JsString, JsSymbol, JsValue, NativeFunction, js_string,
    object::ObjectInitializer, property::Attribute,
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    io::Write,
    rc::Rc,
};

/// Columns that one group indents by.
const INDENT: usize = 2;
/// Deeper groups indent no further, or a script could turn one line into any number of spaces.
const GROUPS_MAX: usize = 40;

/// Counters, timers and groups. It is never borrowed while the script's code can run.
struct State {
    clock: Rc<VirtualClock>,
    counts: RefCell<BTreeMap<JsString, u64>>,
    timers: RefCell<BTreeMap<JsString, f64>>,
    groups: Cell<usize>,
}

#[derive(Clone, Copy)]
enum Stream {
    Out,
    Err,
}

type Method = fn(&JsValue, &[JsValue], &mut Context) -> JsResult<JsValue>;

const METHODS: [(&str, Method); 19] = [
    ("log", log),
    ("info", log),
    ("debug", log),
    ("warn", error),
    ("error", error),
    ("trace", trace),
    ("assert", assert),
    ("count", count),
    ("countReset", count_reset),
    ("time", time),
    ("timeLog", time_log),
    ("timeEnd", time_end),
    ("table", table),
    ("group", group),
    ("groupCollapsed", group),
    ("groupEnd", group_end),
    ("dir", dir),
    ("dirxml", log),
    ("clear", clear),
];

/// Defines `console`.
///
/// # Errors
/// Fails when the global object refuses the property.
pub fn install(clock: Rc<VirtualClock>, context: &mut Context) -> JsResult<()> {
    let (counts, timers) = (RefCell::default(), RefCell::default());
    context.insert_data(State {
        clock,
        counts,
        timers,
        groups: Cell::new(0),
    });
    let mut builder = ObjectInitializer::new(context);
    for (name, method) in METHODS {
        builder.function(NativeFunction::from_fn_ptr(method), JsString::from(name), 0);
    }
    builder.property(
        JsSymbol::to_string_tag(),
        js_string!("console"),
        Attribute::CONFIGURABLE,
    );
    let console = builder.build();
    let attribute = Attribute::WRITABLE | Attribute::CONFIGURABLE;
    context.register_global_property(js_string!("console"), console, attribute)
}

/// Ends every group, when a call begins: one that threw inside a group would indent all later
/// calls.
pub fn begin_call(context: &Context) {
    if let Some(state) = context.get_data::<State>() {
        state.groups.set(0);
    }
}

/// Writes one line, indented by the open groups. The host bounds what it keeps; a write cannot fail
/// in a way the script could help, so failures are dropped.
fn write(stream: Stream, text: &str, context: &Context) {
    let groups = context
        .get_data::<State>()
        .map_or(0, |state| state.groups.get());
    let indent = " ".repeat(INDENT * groups);
    let mut line = format!("{indent}{}", text.replace('\n', &format!("\n{indent}")));
    line.push('\n');
    drop(match stream {
        Stream::Out => {
            let mut out = std::io::stdout().lock();
            out.write_all(line.as_bytes()).and_then(|()| out.flush())
        }
        Stream::Err => std::io::stderr().write_all(line.as_bytes()),
    });
}

/// Writes its arguments to file 1.
pub fn log(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let text = format(arguments, context);
    write(Stream::Out, &text, context);
    Ok(JsValue::undefined())
}

fn error(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let text = format(arguments, context);
    write(Stream::Err, &text, context);
    Ok(JsValue::undefined())
}

fn trace(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let text = format(arguments, context);
    let error = context.intrinsics().constructors().error().constructor();
    let error = error.construct(&[], None, context)?;
    let stack = outcome::error_stack(&error, context).unwrap_or_default();
    // The innermost frame is this function.
    let callers = stack.split_once('\n').map_or("", |(_, callers)| callers);
    let headline = if text.is_empty() {
        "Trace".to_owned()
    } else {
        format!("Trace: {text}")
    };
    write(
        Stream::Err,
        format!("{headline}\n{callers}").trim_end(),
        context,
    );
    Ok(JsValue::undefined())
}

fn assert(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    if !arguments.get_or_undefined(0).to_boolean() {
        let text = format(arguments.get(1..).unwrap_or_default(), context);
        let separator = if text.is_empty() { "" } else { ": " };
        write(
            Stream::Err,
            &format!("Assertion failed{separator}{text}"),
            context,
        );
    }
    Ok(JsValue::undefined())
}

/// The label of a counter or timer; this can run the script's code.
fn label(arguments: &[JsValue], context: &mut Context) -> JsResult<JsString> {
    match arguments.first() {
        Some(value) if !value.is_undefined() => value.to_string(context),
        _ => Ok(js_string!("default")),
    }
}

fn count(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let label = label(arguments, context)?;
    let text = label.to_std_string_escaped();
    let count = context.get_data::<State>().map_or(0, |state| {
        let mut counts = state.counts.borrow_mut();
        let count = counts.entry(label).or_insert(0);
        *count += 1;
        *count
    });
    write(Stream::Out, &format!("{text}: {count}"), context);
    Ok(JsValue::undefined())
}

fn count_reset(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let label = label(arguments, context)?;
    let text = label.to_std_string_escaped();
    let known = context
        .get_data::<State>()
        .and_then(|state| state.counts.borrow_mut().remove(&label));
    if known.is_none() {
        write(
            Stream::Err,
            &format!("Count for '{text}' does not exist"),
            context,
        );
    }
    Ok(JsValue::undefined())
}

fn time(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let label = label(arguments, context)?;
    let text = label.to_std_string_escaped();
    let started = context.get_data::<State>().is_none_or(|state| {
        let mut timers = state.timers.borrow_mut();
        let free = !timers.contains_key(&label);
        timers
            .entry(label)
            .or_insert(state.clock.now_milliseconds());
        free
    });
    if !started {
        write(
            Stream::Err,
            &format!("Timer '{text}' already exists"),
            context,
        );
    }
    Ok(JsValue::undefined())
}

fn time_log(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let rest = format(arguments.get(1..).unwrap_or_default(), context);
    write_elapsed(arguments, false, &rest, context)
}

fn time_end(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    write_elapsed(arguments, true, "", context)
}

fn write_elapsed(
    arguments: &[JsValue],
    end: bool,
    rest: &str,
    context: &mut Context,
) -> JsResult<JsValue> {
    let label = label(arguments, context)?;
    let text = label.to_std_string_escaped();
    let elapsed = context.get_data::<State>().and_then(|state| {
        let mut timers = state.timers.borrow_mut();
        let start = if end {
            timers.remove(&label)
        } else {
            timers.get(&label).copied()
        }?;
        // Only now: a read that nobody sees would count as the script's.
        Some(state.clock.now_milliseconds() - start)
    });
    match elapsed {
        None => write(
            Stream::Err,
            &format!("Timer '{text}' does not exist"),
            context,
        ),
        Some(elapsed) => {
            write(
                Stream::Out,
                format!("{text}: {elapsed}ms {rest}").trim_end(),
                context,
            );
        }
    }
    Ok(JsValue::undefined())
}

fn table(this: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    match console_table::render(arguments, context) {
        None => log(this, arguments, context),
        Some(text) => {
            write(Stream::Out, &text, context);
            Ok(JsValue::undefined())
        }
    }
}

fn group(this: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    if !arguments.is_empty() {
        log(this, arguments, context)?;
    }
    set_groups(context, |groups| (groups + 1).min(GROUPS_MAX))
}

fn group_end(_: &JsValue, _: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    set_groups(context, |groups| groups.saturating_sub(1))
}

fn set_groups(context: &Context, next: fn(usize) -> usize) -> JsResult<JsValue> {
    if let Some(state) = context.get_data::<State>() {
        state.groups.set(next(state.groups.get()));
    }
    Ok(JsValue::undefined())
}

fn dir(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let text = inspect::quoted(arguments.get_or_undefined(0), context);
    write(Stream::Out, &text, context);
    Ok(JsValue::undefined())
}

/// Output is a record here, not a screen: there is nothing to clear.
fn clear(_: &JsValue, _: &[JsValue], _: &mut Context) -> JsResult<JsValue> {
    Ok(JsValue::undefined())
}
