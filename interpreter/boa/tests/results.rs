//! What a call answers, whatever the script has done to the built-in objects.
mod support;
use support::{Box, json, message};

/// The result is made by the JSON.stringify of boot.
#[test]
fn stringify_replaced() {
    let mut sandbox = Box::new();
    sandbox.json("JSON.stringify = () => 'forged'; globalThis.JSON = null; 0");
    assert_eq!(sandbox.json("({ a: [1] })"), r#"{"a":[1]}"#);
}

/// Lone surrogates come out as escapes.
#[test]
fn lone_surrogates() {
    assert_eq!(json(r#""\ud800" + "a\udc00""#), r#""\ud800a\udc00""#);
}

/// A cycle and a BigInt are TypeErrors.
#[test]
fn not_json() {
    assert!(message("let o = {}; o.o = o; o").starts_with("TypeError: "));
    assert!(message("1n").starts_with("TypeError: "));
}

/// A promise is awaited, with timers in virtual time.
#[test]
fn awaited() {
    assert_eq!(json("Promise.resolve(1).then(x => x + 1)"), "2");
    let wait = "new Promise(r => setTimeout(() => r(Date.now()), 3600_000))";
    assert_eq!(json(wait), "1700003600000");
    assert_eq!(
        json("(async () => { await null; return 'done' })()"),
        r#""done""#
    );
}

/// Awaiting calls nothing the script could replace.
#[test]
fn then_replaced() {
    let mut sandbox = Box::new();
    sandbox.json("Promise.prototype.then = () => { throw 1 }; 0");
    assert_eq!(sandbox.json("Promise.resolve(5)"), "5");
}

/// A thenable that is no promise is a value like any other.
#[test]
fn thenable() {
    assert_eq!(json("({ then: 1, a: 2 })"), r#"{"then":1,"a":2}"#);
}

/// Timers fire in the order of their times, equal ones in the order they were set.
#[test]
fn timer_order() {
    let script = "let seen = []; let at = (t, n) => setTimeout(() => seen.push(n), t); \
                  at(20, 'c'); at(10, 'a'); at(10, 'b'); \
                  new Promise(r => setTimeout(() => r(seen), 30))";
    assert_eq!(json(script), r#"["a","b","c"]"#);
}

/// An interval repeats until it is cleared, from inside itself too.
#[test]
fn interval() {
    let script = "let n = 0; new Promise(r => { let i = setInterval(() => { \
                  if (++n == 3) { clearInterval(i); r([n, Date.now()]) } }, 10) })";
    assert_eq!(json(script), "[3,1700000000030]");
}

/// A promise that nothing can settle any more is an error.
#[test]
fn never_settles() {
    assert!(message("new Promise(() => {})").contains("never settles"));
}

/// A rejection that nobody handles is an error, of the result or of any other promise.
#[test]
fn rejections() {
    assert_eq!(
        message("Promise.reject(new RangeError('no'))"),
        "RangeError: no"
    );
    assert_eq!(message("Promise.reject(7); 1"), "7");
    assert_eq!(json("Promise.reject(7).catch(() => {}); 1"), "1");
    let late = "let p = Promise.reject(7); queueMicrotask(() => p.catch(() => {})); 1";
    assert_eq!(json(late), "1");
}

/// What is left of jobs and timers does not run in the next call.
#[test]
fn leftovers_dropped() {
    let mut sandbox = Box::new();
    sandbox.json("setTimeout(() => { globalThis.late = 1 }, 1); 0");
    assert_eq!(
        sandbox.json("new Promise(r => setTimeout(() => r(typeof late), 9))"),
        { r#""undefined""# }
    );
}

/// What a microtask or a timer throws ends the call.
#[test]
fn thrown_in_jobs() {
    assert_eq!(
        message("queueMicrotask(() => { throw new TypeError('q') }); 1"),
        "TypeError: q"
    );
    let timer = "setTimeout(() => { throw new TypeError('t') }, 1); new Promise(() => {})";
    assert_eq!(message(timer), "TypeError: t");
}
