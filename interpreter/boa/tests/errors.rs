//! How thrown values read.
mod support;
use paddock_boa::{Outcome, Request};
use support::{Box, message, request};

/// An error is its name and message, with a stack that names line and column.
#[test]
fn error_with_stack() {
    let failure = Box::new().failure("function f() {\n  null.x;\n}\nf()");
    assert!(
        failure.message.starts_with("TypeError: "),
        "{}",
        failure.message
    );
    let stack = failure.stack.expect("a stack");
    assert!(
        stack
            .lines()
            .next()
            .is_some_and(|line| line.starts_with("    at f (")),
        "{stack}"
    );
    assert!(stack.contains(":2:"), "{stack}");
    assert!(!stack.contains("native"), "{stack}");
}

/// A stack names the init_script.
#[test]
fn init_script_named() {
    let request = Request {
        global: true,
        init: true,
        ..request("\n throw new Error('x')")
    };
    let Outcome::Thrown(failure) = Box::new().outcome(&request) else {
        panic!("it throws")
    };
    assert!(
        failure
            .stack
            .is_some_and(|stack| stack.contains("init_script:2:"))
    );
}

/// A text that does not parse is a SyntaxError with line and column.
#[test]
fn syntax_error() {
    let text = message("let a = ;");
    assert!(
        text.starts_with("SyntaxError: ") && text.contains("line 1, col 9"),
        "{text}"
    );
}

/// Anything can be thrown.
#[test]
fn any_value() {
    assert_eq!(message("throw 1"), "1");
    assert_eq!(message("throw 'text'"), "text");
    assert_eq!(message("throw null"), "null");
    assert_eq!(message("throw undefined"), "undefined");
    assert_eq!(message("throw Symbol('s')"), "Symbol(s)");
    assert_eq!(message("throw { a: 1 }"), "{ a: 1 }");
    assert_eq!(message("throw new Proxy({}, {})"), "[Proxy]");
    assert_eq!(message("throw () => 1"), "[Function (anonymous)]");
    assert_eq!(
        message("throw Object.create(null)"),
        "[Object: null prototype] {}"
    );
}

/// However large what was thrown is, its message is one line.
#[test]
fn one_line() {
    let long = "'".to_owned() + &"x".repeat(80) + "'";
    assert_eq!(
        message(&format!("throw {{ a: {{ b: [1, 'y\\nz'] }}, c: {long} }}")),
        format!("{{ a: {{ b: [ 1, 'y\\nz' ] }}, c: {long} }}")
    );
}

/// Describing an error runs none of the script's code.
#[test]
fn no_code_runs() {
    let mut sandbox = Box::new();
    let cases = [
        "throw Object.defineProperty(new Error('m'), 'message', { get() { ran = 1; for (;;); } })",
        "throw Object.defineProperty(new Error('m'), 'name', { get() { ran = 1; throw 2 } })",
        "throw Object.defineProperty(new Error('m'), 'stack', { get() { ran = 1 } })",
        "throw Object.assign(new Error('m'), { toString() { ran = 1 } })",
        "throw { toString() { ran = 1 }, get a() { ran = 1 } }",
        "throw new Proxy(new Error('m'), { get() { ran = 1 }, getPrototypeOf() { ran = 1 } })",
        "Error.prototype.toString = () => { ran = 1 }; throw new Error('m')",
        "class E extends Error { get name() { ran = 1 } }; throw new E('m')",
    ];
    for script in cases {
        sandbox.json("globalThis.ran = 0");
        sandbox.failure(script);
        assert_eq!(sandbox.json("ran"), "0", "{script}");
    }
}

/// The name of a class of the script's own is used when it is data.
#[test]
fn own_error_class() {
    let script = "class Mine extends Error { constructor(m) { super(m); this.name = 'Mine' } } \
                  throw new Mine('x')";
    assert_eq!(message(script), "Mine: x");
}

/// A very long message is cut.
#[test]
fn long_message() {
    let text = message("throw 'é'.repeat(1e6)");
    assert!(text.len() < 100_000 && text.ends_with('…'));
}

/// The sandbox works on after every kind of failure.
#[test]
fn works_on() {
    let mut sandbox = Box::new();
    for script in [
        "throw 1",
        "null.x",
        "let a = ;",
        "Promise.reject(1)",
        "new Promise(() => {})",
    ] {
        sandbox.failure(script);
        assert_eq!(sandbox.json("1 + 1"), "2");
    }
}
