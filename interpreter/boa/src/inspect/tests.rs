//! Values and how they read.

use crate::{Features, Outcome, Request, Sandbox};
use boa_engine::{Context, Source};

/// The text of what `script` throws, which is the text of the value.
fn text(script: &str) -> String {
    let mut sandbox = Sandbox::boot(Features::default()).expect("a realm");
    let script = format!("throw ({script})");
    let request = Request {
        script: &script,
        input: None,
        global: false,
        init: false,
        now: 0.0,
        seed: 0,
        memory_bytes_max: usize::MAX,
        heap_bytes_max: usize::MAX,
    };
    match sandbox.evaluate(&request) {
        Outcome::Thrown(failure) => failure.message,
        other => panic!("{script}: {other:?}"),
    }
}

/// Primitives inside objects are written as in source.
#[test]
fn primitives() {
    assert_eq!(text("[1, -0, 'a', true, null, undefined, 1n]"), {
        "[ 1, -0, 'a', true, null, undefined, 1n ]"
    });
    assert_eq!(
        text(r#"["it's", 'a\nb', '"\'']"#),
        r#"[ "it's", 'a\nb', `"'` ]"#
    );
}

/// Names that are no identifiers are quoted; symbols are in brackets; accessors are named.
#[test]
fn properties() {
    assert_eq!(text("{ a: 1, 'b-c': 2, [Symbol('s')]: 3, 5: 4 }"), {
        "{ '5': 4, a: 1, 'b-c': 2, [Symbol(s)]: 3 }"
    });
    assert_eq!(
        text("{ get a() {}, set b(v) {}, get c() {}, set c(v) {} }"),
        { "{ a: [Getter], b: [Setter], c: [Getter/Setter] }" }
    );
}

/// Classes are named, except Object and Array.
#[test]
fn classes() {
    assert_eq!(text("new (class Point { x = 1 })"), "Point { x: 1 }");
    assert_eq!(
        text("new (class List extends Array {})(1, 2)"),
        "List [ 1, 2 ]"
    );
}

/// Collections, dates, patterns, boxes, functions and promises.
#[test]
fn kinds() {
    assert_eq!(text("new Map([[1, { a: 2 }]])"), "Map(1) { 1 => { a: 2 } }");
    assert_eq!(text("new Set(['x'])"), "Set(1) { 'x' }");
    assert_eq!(
        text("[new Date(0), new Date(NaN)]"),
        "[ 1970-01-01T00:00:00.000Z, Invalid Date ]"
    );
    assert_eq!(text("[/a/gi]"), "[ /a/gi ]");
    assert_eq!(
        text("[Object(1), Object('s')]"),
        "[ [Number: 1], [String: 's'] ]"
    );
    assert_eq!(
        text("[function f() {}, () => 1]"),
        "[ [Function: f], [Function (anonymous)] ]"
    );
    assert_eq!(text("[new Uint8Array(2)]"), "[ Uint8Array(2) [ 0, 0 ] ]");
    assert_eq!(
        text("[new ArrayBuffer(3)]"),
        "[ ArrayBuffer { byteLength: 3 } ]"
    );
    assert_eq!(text("[Promise.resolve(1), new Promise(() => {})]"), {
        "[ Promise { 1 }, Promise { <pending> } ]"
    });
}

/// Holes and what is beyond a hundred elements are counted.
#[test]
fn long_arrays() {
    assert_eq!(text("[1, , , 2]"), "[ 1, <2 empty items>, 2 ]");
    assert!(text("Array(150).fill(0)").contains("... 50 more items"));
    assert!(text("Array(4294967295)").contains("<100 empty items>"));
}

/// Deep and circular objects are bounded.
#[test]
fn bounded() {
    assert_eq!(
        text("{ a: { b: { c: { d: 1 } } } }"),
        "{ a: { b: { c: [Object] } } }"
    );
    assert_eq!(
        text("(() => { let o = {}; o.o = o; return o })()"),
        "{ o: [Circular] }"
    );
}

/// Long groups go on lines of their own.
#[test]
fn lines() {
    let mut context = Context::default();
    let source = Source::from_bytes("({ a: 'x'.repeat(40), b: 'y'.repeat(40) })");
    let value = context.eval(source).expect("an object");
    assert_eq!(
        super::text(&value, &mut context),
        format!(
            "{{\n  a: '{}',\n  b: '{}'\n}}",
            "x".repeat(40),
            "y".repeat(40)
        )
    );
}

/// Errors tell what else they have, what is not enumerable in brackets, none of it when too deep.
#[test]
fn errors() {
    let stackless = "const e = (m, o) => { const e = new Error(m, o); delete e.stack; return e; };";
    let shown = |value: &str| text(&format!("(() => {{ {stackless} return [{value}]; }})()"));
    let end = |text: &str| text.replace(char::is_whitespace, " ");
    assert!(end(&shown("Object.assign(e('x'), { code: 7 })")).contains("{ code: 7 }"));
    let caused = shown("e('x', { cause: e('y', { cause: 'z' }) })");
    assert!(caused.contains("[cause]: "), "{caused}");
    assert!(caused.contains("[cause]: 'z'"), "{caused}");
    assert!(shown("new AggregateError([1, 2], 'all')").contains("[errors]: [ 1, 2 ]"));
    let visible = shown("Object.assign(e('x'), { cause: 1 })");
    assert!(
        visible.contains("cause: 1") && !visible.contains("[cause]"),
        "{visible}"
    );
    let circular = shown("(() => { const x = e('x'); x.self = x; return x; })()");
    assert!(circular.contains("self: [Circular]"), "{circular}");
    assert!(!shown("[[[Object.assign(e('x'), { code: 7 })]]]").contains("code"));
}
