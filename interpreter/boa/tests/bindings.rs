//! Where variables of a script live: in registers when nothing else can see them, and right anyway.
mod support;
use support::{Box, json};

/// Closures see the variables around them, of the script's top level too.
#[test]
fn captured() {
    assert_eq!(json("let n = 0; let up = () => ++n; up(); up(); n"), "2");
    assert_eq!(
        json("let a = []; for (let i = 0; i < 3; i++) a.push(() => i); a.map(f => f())"),
        { "[0,1,2]" }
    );
    assert_eq!(json("function f() { return x } let x = 5; f()"), "5");
    assert_eq!(
        json("let x = 1; { let x = 2; var g = () => x } [x, g()]"),
        "[1,2]"
    );
}

/// Functions that outlive their call keep what they captured.
#[test]
fn outlives_the_call() {
    let mut sandbox = Box::new();
    sandbox.json(
        "let n = 10; const k = 5; class C { get v() { return n + k } } \
                  function next() { return ++n } var make = () => new C().v; 0",
    );
    assert_eq!(
        sandbox.json("let n = 'other'; [next(), next(), make(), typeof k]"),
        { r#"[11,12,17,"undefined"]"# }
    );
}

/// A direct eval sees every variable around it, at any depth.
#[test]
fn direct_eval() {
    assert_eq!(json("let x = 1; eval('x + 1')"), "2");
    assert_eq!(
        json("let x = 1; function f() { let y = 2; return eval('x + y') } f()"),
        "3"
    );
    assert_eq!(
        json("let x = 1; let f = () => () => eval('x = 7'); f()(); x"),
        "7"
    );
    assert_eq!(
        json("let x = 1; for (let i = 0; i < 1; i++) { eval('x += i + 1') } x"),
        "2"
    );
    assert_eq!(json("let x = 1; eval('var z = x'); [x, z]"), "[1,1]");
    assert_eq!(
        json("let x = 1; new Function('return typeof x')()"),
        r#""undefined""#
    );
    assert_eq!(json("let x = 1; (0, eval)('typeof x')"), r#""undefined""#);
}

/// Variables are not to be seen before their declaration has run.
#[test]
fn temporal_dead_zone() {
    let script = "let e = f => { try { return f() } catch (e) { return e.name } }; \
                  let r = [e(() => late), e(() => { late = 1 })]; let late = 2; [...r, late]";
    assert_eq!(json(script), r#"["ReferenceError","ReferenceError",2]"#);
    assert_eq!(
        json("let r; try { q; let q = 1 } catch (e) { r = e.name } r"),
        { r#""ReferenceError""# }
    );
    assert_eq!(
        json("const c = 1; let r; try { c = 2 } catch (e) { r = e.name } r"),
        { r#""TypeError""# }
    );
}

/// Generators, async functions and exceptions find their variables again.
#[test]
fn across_suspension() {
    assert_eq!(
        json(
            "let s = 0; function* g() { for (let i = 0; i < 3; i++) yield i } \
                     for (let v of g()) s += v; s"
        ),
        "3"
    );
    assert_eq!(
        json("let s = 1; (async () => { let t = 2; await null; s += t; return s })()"),
        "3"
    );
    assert_eq!(
        json("let a = 1; try { let b = 2; a = b; throw 3 } catch (c) { a += c } a"),
        "5"
    );
    assert_eq!(
        json("let o = { a: 1 }; let b = 9; with (o) { a = 2; b = 3 } [o.a, b]"),
        "[2,3]"
    );
}

/// Top-level names shadow globals for their call only.
#[test]
fn shadowing() {
    let mut sandbox = Box::new();
    sandbox.json("var v = 1; 0");
    assert_eq!(sandbox.json("{ let v = 2; v }"), "2");
    assert_eq!(sandbox.json("let Math = 3; Math"), "3");
    assert_eq!(sandbox.json("[v, typeof Math]"), r#"[1,"object"]"#);
    assert_eq!(
        sandbox.json("'use strict'; let a = 1; var b = 2; let f = () => a + b; f()"),
        "3"
    );
}
