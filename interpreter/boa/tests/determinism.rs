//! Time and chance come from the request alone.
mod support;
use paddock_boa::{Outcome, Request};
use support::{Box, json, request};

/// Every clock stands at `now`.
#[test]
fn frozen_time() {
    let script = "let t = Date.now(); for (let i = 0; i < 1e4; i++); \
                  [t, Date.now() - t, new Date().toISOString(), \
                   Temporal.Now.instant().epochMilliseconds, new Date().getTimezoneOffset()]";
    let expected = "[1700000000000,0,\"2023-11-14T22:13:20.000Z\",1700000000000,0]";
    assert_eq!(json(script), expected);
}

/// The same seed gives the same numbers, in every call anew; another seed gives others.
#[test]
fn seeded_random() {
    let mut sandbox = Box::new();
    let draw = |seed| Request {
        seed,
        ..request("[Math.random(), Math.random()]")
    };
    let first = sandbox.outcome(&draw(1));
    assert_eq!(sandbox.outcome(&draw(1)), first);
    assert_eq!(Box::new().outcome(&draw(1)), first);
    assert_ne!(sandbox.outcome(&draw(2)), first);
}

/// Math.random is a function like the one it replaces, and its numbers spread over [0, 1).
#[test]
fn random_shape() {
    let script = "let d = Object.getOwnPropertyDescriptor(Math, 'random'); \
                  let n = Array.from({ length: 1e4 }, Math.random); \
                  let mean = n.reduce((a, b) => a + b) / n.length; \
                  [Math.random.name, Math.random.length, d.enumerable, d.writable, \
                   n.every(x => x >= 0 && x < 1), Math.abs(mean - 0.5) < 0.02, new Set(n).size]";
    assert_eq!(json(script), r#"["random",0,false,true,true,true,10000]"#);
}

/// A time before the epoch and one that no Date can hold are times too.
#[test]
fn odd_times() {
    let at = |now| Request {
        now,
        ..request("[Date.now(), String(new Date())]")
    };
    let mut sandbox = Box::new();
    let Outcome::Json(early) = sandbox.outcome(&at(-1000.0)) else {
        panic!("a result")
    };
    assert!(
        early.starts_with("[-1000,\"Wed Dec 31 1969 23:59:59"),
        "{early}"
    );
    for now in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        assert!(matches!(sandbox.outcome(&at(now)), Outcome::Json(_)));
    }
}
