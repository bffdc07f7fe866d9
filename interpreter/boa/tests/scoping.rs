//! What lasts from one call to the next.
mod support;
use paddock_boa::{Outcome, Request};
use support::{Box, request};

/// The completion value is the result; undefined is null.
#[test]
fn completion_value() {
    let mut sandbox = Box::new();
    assert_eq!(sandbox.json("1; if (true) { 'a' + 1 }"), r#""a1""#);
    assert_eq!(sandbox.json("var x = 1"), "null");
    assert_eq!(sandbox.json("undefined"), "null");
    assert_eq!(sandbox.json("(() => 1)"), "null");
}

/// let, const and class die with the call; var and functions stay; so a script can be sent again.
#[test]
fn declarations() {
    let mut sandbox = Box::new();
    let script = "let a = 1; const b = 2; class C {} var v = (globalThis.v ?? 0) + 1; \
                  function f() { return v } [a, b, v]";
    assert_eq!(sandbox.json(script), "[1,2,1]");
    assert_eq!(sandbox.json(script), "[1,2,2]");
    assert_eq!(sandbox.json("[typeof a, typeof b, typeof C, v, f()]"), {
        r#"["undefined","undefined","undefined",2,2]"#
    });
}

/// An init_script is a Script: its let, const and class stay, for scripts to use.
#[test]
fn init_script() {
    let mut sandbox = Box::new();
    let script = "let a = 1; const b = 2; class C {}";
    let init = Request {
        global: true,
        init: true,
        ..request(script)
    };
    assert_eq!(sandbox.outcome(&init), Outcome::Json("null".into()));
    assert_eq!(
        sandbox.json("a += 1; [a, b, typeof C]"),
        r#"[2,2,"function"]"#
    );
    assert_eq!(sandbox.json("[a, b, typeof C]"), r#"[2,2,"function"]"#);
}

/// A script that makes itself strict keeps its var to itself, as an eval does.
#[test]
fn strict_script() {
    let mut sandbox = Box::new();
    sandbox.json("'use strict'; var s = 1; s");
    assert_eq!(sandbox.json("typeof s"), r#""undefined""#);
}

/// The global eval may be replaced or deleted; scripts still run.
#[test]
fn eval_replaced() {
    let mut sandbox = Box::new();
    sandbox.json("globalThis.eval = () => 'mine'; delete globalThis.Function; 0");
    assert_eq!(sandbox.json("1 + 1"), "2");
}

/// `input` is there during its call only, and an `input` of the script's own comes back.
#[test]
fn input_global() {
    let mut sandbox = Box::new();
    let with = |json| Request {
        input: Some(json),
        ..request("input")
    };
    assert_eq!(
        sandbox.outcome(&with(r#"{"a":[1]}"#)),
        Outcome::Json(r#"{"a":[1]}"#.into())
    );
    assert_eq!(sandbox.json("typeof input"), r#""undefined""#);
    sandbox.json("globalThis.input = 5; 0");
    assert_eq!(sandbox.outcome(&with("6")), Outcome::Json("6".into()));
    assert_eq!(sandbox.json("input"), "5");
}

/// A `var input` of the init_script, which cannot be deleted, keeps its value too.
#[test]
fn input_over_var() {
    let mut sandbox = Box::new();
    sandbox.outcome(&Request {
        global: true,
        init: true,
        ..request("var input = 'mine'")
    });
    let with = Request {
        input: Some("1"),
        ..request("input")
    };
    assert_eq!(sandbox.outcome(&with), Outcome::Json("1".into()));
    assert_eq!(sandbox.json("input"), r#""mine""#);
}

/// `input` goes away even when the script throws, and is parsed by the JSON.parse of boot.
#[test]
fn input_after_throw() {
    let mut sandbox = Box::new();
    sandbox.json("JSON.parse = () => 'forged'; 0");
    let throwing = Request {
        input: Some("1"),
        ..request("throw input")
    };
    assert!(matches!(sandbox.outcome(&throwing), Outcome::Thrown(f) if f.message == "1"));
    assert_eq!(sandbox.json("typeof input"), r#""undefined""#);
}

/// `__proto__` in input is a property and no prototype.
#[test]
fn input_proto() {
    let mut sandbox = Box::new();
    let script = "[Object.getPrototypeOf(input) === Object.prototype, input.x, Object.keys(input)]";
    let with = Request {
        input: Some(r#"{"__proto__":{"x":1}}"#),
        ..request(script)
    };
    assert_eq!(
        sandbox.outcome(&with),
        Outcome::Json(r#"[true,null,["__proto__"]]"#.into())
    );
}
