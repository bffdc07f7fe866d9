//! Built-in objects where the engine itself went wrong; these hold with the patches only, so they
//! are skipped without them.
#![cfg(paddock_patched)]
mod support;
use support::{json, message};

/// A comparator that contradicts itself loses and doubles nothing.
#[test]
fn contradicting_comparator() {
    let script = "let turn = 0; let sorted = Array.from({ length: 1000 }, (_, i) => i) \
                  .sort(() => (turn++ % 3) - 1); [new Set(sorted).size, sorted.length]";
    assert_eq!(json(script), "[1000,1000]");
}

/// Sorting is stable, and what the comparator throws comes out.
#[test]
fn sorting() {
    let script = "[[1, 'a'], [0, 'b'], [1, 'c'], [0, 'd'], [1, 'e']].sort((x, y) => x[0] - y[0])";
    assert_eq!(
        json(&format!("{script}.map(x => x[1]).join('')")),
        r#""bdace""#
    );
    assert_eq!(json("[3, , 1, undefined, 2].sort()"), "[1,2,3,null,null]");
    assert_eq!(
        json("try { [2, 1].sort(() => { throw 'no' }) } catch (e) { e }"),
        r#""no""#
    );
    assert_eq!(
        json("[...Array(100).keys()].sort((a, b) => b - a)[0]"),
        "99"
    );
}

/// A Map or Set cleared and refilled by its own forEach goes on with the new entries.
#[test]
fn cleared_while_iterated() {
    let map = "let m = new Map([[1, 1]]), n = 0; \
               m.forEach(() => { m.clear(); if (++n < 3) m.set(1, n) }); [n, m.size]";
    assert_eq!(json(map), "[3,0]");
    let set = "let s = new Set([1, 2, 3]), seen = []; \
               for (let v of s) { seen.push(v); \
               if (v == 2) { s.clear(); s.add(9) } } [seen, [...s]]";
    assert_eq!(json(set), "[[1,2,9],[9]]");
}

/// A Map is copied and shown while entries of it are deleted by an iteration.
#[test]
fn deleted_while_iterated() {
    let script = "let m = new Map([[1, 1], [2, 2]]), s = new Set([1, 2]), sizes = []; \
                  for (let [k] of m) { m.delete(k); sizes.push(structuredClone(m).size) } \
                  for (let k of s) { s.delete(k); sizes.push(structuredClone(s).size) } sizes";
    assert_eq!(json(script), "[1,0,1,0]");
}

/// A conversion may convert its own object again.
#[test]
fn nested_conversion() {
    let script = "let depth = 0; let o = { toString() { \
                  return ++depth < 3 ? `<${this}>` : '.' } }; \
                  String(o)";
    assert_eq!(json(script), r#""<<.>>""#);
    assert_eq!(json("let a = [1]; a.push(a, 2); String(a)"), r#""1,,2""#);
}

/// Padding repeats what it pads with, and cuts the last repetition.
#[test]
fn padded() {
    assert_eq!(
        json(
            "['x'.padStart(6, 'ab'), 'x'.padEnd(5, 'é\\u{1F600}'), 'x'.padStart(3), \
             ''.padEnd(2, 'abc')]"
        ),
        r#"["ababax","xé😀é","  x","ab"]"#
    );
}

/// A search finds what begins like an earlier, longer part, at the end too, and in mixed texts.
#[test]
fn searched() {
    let script = "[['aab', 'ab'], ['abab', 'abb'], ['xa', 'a'], ['a', 'ab'], \
                  ['aé\\u0431b', '\\u0431b'], ['a\\u0431b', 'b'], ['é', '\\u0431']] \
                  .map(([a, b]) => a.indexOf(b))";
    assert_eq!(json(script), "[1,-1,1,-1,2,2,-1]");
    assert_eq!(
        json("['aaa'.indexOf('a', 2), 'aaa'.indexOf('a', 3), 'aaa'.indexOf('', 9)]"),
        "[2,-1,3]"
    );
}

/// The object of a tagged template belongs to its place in the code.
#[test]
fn tagged_templates() {
    let script = "let t = s => s, f = () => t`a${1}b`, g = () => t`a${1}b`; \
                  [f() === f(), f() === g(), f().raw.length, Object.isFrozen(f())]";
    assert_eq!(json(script), "[true,false,2,true]");
    assert_eq!(
        json(
            "let t = s => s, seen = []; for (let i = 0; i < 2; i++) seen.push(t`a`); \
                     seen[0] === seen[1]"
        ),
        "true"
    );
}

/// A transfer moves the bytes; no buffer grows beyond the memory limit by it.
#[test]
fn transferred() {
    let moved = "let a = new ArrayBuffer(2), v = new Uint8Array(a); v[1] = 7; \
                 let b = a.transfer(4); [a.detached, v.length, ...new Uint8Array(b)]";
    assert_eq!(json(moved), "[true,0,0,7,0,0]");
    let refused = "let a = new ArrayBuffer(2); [2 ** 27, 2 ** 33].map(length => { \
                   try { a.transfer(length) } catch (e) { return [e.name, a.detached] } })";
    assert_eq!(
        json(refused),
        r#"[["RangeError",false],["RangeError",false]]"#
    );
}

/// A declaration that would dispose of nothing is refused, wherever it stands.
#[test]
fn using_is_refused() {
    for script in [
        "{ using x = null; }",
        "using x = null",
        "function f() {\n using of = null; }",
        "for (using x of [null]) ;",
        "for (using x = null; ; ) ;",
        "async () => { await using x = null; }",
        "async () => { for (await using x of [null]) ; }",
        "async () => { for await (using x of [null]) ; }",
        "switch (1) { case 1: using x = null; }",
    ] {
        let text = message(script);
        assert!(
            text.starts_with("SyntaxError: `using` declarations are not supported at line "),
            "{script}: {text}"
        );
    }
}

/// The word is a name like any other.
#[test]
fn using_is_a_name() {
    assert_eq!(json("var using = [1], x = 0; using [x]"), "1");
    assert_eq!(json("var using = 1; using\nx = 2\nvar x; using + x"), "3");
    assert_eq!(json("let using; for (using of [4]) ; using"), "4");
    assert_eq!(
        json("function using(using) { return using } using (5) / 5"),
        "1"
    );
    assert_eq!(json("({ using: 6 }).using"), "6");
    assert_eq!(json("using: for (;;) { break using } 7"), "7");
}
