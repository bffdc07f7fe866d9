//! The globals of the web platform.
mod support;
use support::{json, message};

/// structuredClone copies values with their kinds, cycles and shared parts.
#[test]
fn structured_clone() {
    let script = "let o = { d: new Date(5), r: /a/gi, m: new Map([[1, { b: 2 }]]), \
                  s: new Set([3]), a: [1, , 3], e: new TypeError('t'), n: 1n, \
                  b: new Uint8Array([1, 2]) }; \
                  o.self = o; let c = structuredClone(o); \
                  [c !== o, c.self === c, c.d.getTime(), String(c.r), c.m.get(1).b, c.s.has(3), \
                   1 in c.a, c.a.length, c.e instanceof TypeError, c.e.message, typeof c.n, \
                   c.b[1], c.b.buffer !== o.b.buffer]";
    let expected = "[true,true,5,\"/a/gi\",2,true,false,3,true,\"t\",\"bigint\",2,true]";
    assert_eq!(json(script), expected);
}

/// Functions and symbols cannot be cloned; a transferred buffer is detached.
#[test]
fn structured_clone_limits() {
    let name = "let name = v => { try { structuredClone(v) } catch (e) { return e.name } };";
    let both = format!("{name} [name(() => 1), name({{ s: Symbol() }}), name(new WeakMap())]");
    assert_eq!(
        json(&both),
        r#"["DataCloneError","DataCloneError","DataCloneError"]"#
    );
    let transfer = "let b = new ArrayBuffer(8); let c = structuredClone(b, { transfer: [b] }); \
                    [b.byteLength, c.byteLength]";
    assert_eq!(json(transfer), "[0,8]");
}

/// Base64 both ways, with the errors of the standard.
#[test]
fn base64() {
    assert_eq!(json("['', 'a', 'ab', 'abc', '\\xff'].map(btoa)"), {
        r#"["","YQ==","YWI=","YWJj","/w=="]"#
    });
    assert_eq!(
        json("['YQ==', 'YQ', ' Y W I = ', '/w=='].map(atob)"),
        r#"["a","a","ab","ÿ"]"#
    );
    assert!(message("btoa('é€')").starts_with("InvalidCharacterError: "));
    for text in ["a", "a=", "YQ=", "%%%%", "YQ==="] {
        assert!(
            message(&format!("atob('{text}')")).starts_with("InvalidCharacterError: "),
            "{text}"
        );
    }
}

/// UTF-8 both ways; bad bytes are replaced, or refused when that is asked for.
#[test]
fn encoding() {
    assert_eq!(json("[...new TextEncoder().encode('é€\\ud800')]"), {
        "[195,169,226,130,172,239,191,189]"
    });
    let decode = "let d = (b, o) => new TextDecoder('utf-8', o).decode(new Uint8Array(b)); \
                  [d([0xEF, 0xBB, 0xBF, 0x61]), d([0xEF, 0xBB, 0xBF, 0x61], { ignoreBOM: true }), \
                   d([0xff, 0x61])]";
    assert_eq!(json(decode), "[\"a\",\"\u{FEFF}a\",\"\u{FFFD}a\"]");
    let fatal = "new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff]))";
    assert!(message(fatal).starts_with("TypeError: "));
    assert!(message("new TextDecoder('utf-16')").starts_with("RangeError: "));
}

/// Whole characters as far as there is room, into a view on part of a buffer too.
#[test]
fn encoding_into() {
    let into = "let into = (text, length) => { const b = new Uint8Array(6); \
                const view = b.subarray(1, 1 + length); \
                const { read, written } = new TextEncoder().encodeInto(text, view); \
                return [read, written, ...b] }; ";
    let told = |call: &str| json(&format!("{into}{call}"));
    assert_eq!(told("into('aé', 4)"), "[2,3,0,97,195,169,0,0]");
    assert_eq!(told("into('aé', 2)"), "[1,1,0,97,0,0,0,0]");
    assert_eq!(told("into('😀b', 4)"), "[2,4,0,240,159,152,128,0]");
    assert_eq!(told("into('\\ud800', 3)"), "[1,3,0,239,191,189,0,0]");
    assert_eq!(told("into('', 0)"), "[0,0,0,0,0,0,0,0]");
    for wrong in [
        "[]",
        "new Uint16Array(4)",
        "new ArrayBuffer(4)",
        "undefined",
    ] {
        let call = format!("new TextEncoder().encodeInto('a', {wrong})");
        let expected = "TypeError: The destination must be a Uint8Array";
        assert_eq!(message(&call), expected, "{wrong}");
    }
}

/// A character may be cut in two by the end of a chunk.
#[test]
fn decoding_stream() {
    let script = "let d = new TextDecoder(); let s = { stream: true }; \
                  [d.decode(new Uint8Array([0xE2, 0x82]), s), d.decode(new Uint8Array([0xAC]), s), \
                   d.decode()]";
    assert_eq!(json(script), r#"["","€",""]"#);
}

/// A view on part of a buffer is that part.
#[test]
fn decoding_views() {
    let script = "let b = new Uint8Array([97, 98, 99, 100]).buffer; \
                  [new TextDecoder().decode(new Uint8Array(b, 1, 2)), \
                   new TextDecoder().decode(new DataView(b, 2)), new TextDecoder().decode(b)]";
    assert_eq!(json(script), r#"["bc","cd","abcd"]"#);
}

/// URLs are parsed, resolved and changed.
#[test]
fn url() {
    let script = "let u = new URL('../p?q=1#h', 'https://user:pw@EXAMPLE.com:8080/a/b/'); \
                  u.port = '443'; u.hash = ''; \
                  [u.href, u.origin, u.host, u.pathname, u.search, \
                   String(u) === JSON.parse(JSON.stringify(u))]";
    let expected = "[\"https://user:pw@example.com/a/p?q=1\",\"https://example.com\",\
                    \"example.com\",\"/a/p\",\"?q=1\",true]";
    assert_eq!(json(script), expected);
    assert!(message("new URL('no')").starts_with("TypeError: Invalid URL"));
    assert_eq!(
        json("[URL.canParse('a:b'), URL.canParse('x'), URL.parse('x')]"),
        "[true,false,null]"
    );
}

/// Search parameters read and write their URL's query.
#[test]
fn search_params() {
    let script = "let u = new URL('https://a/?x=1&x=2&y=%20'); let p = u.searchParams; \
                  p.append('z', 'a b&'); p.set('x', '9'); p.delete('y'); p.sort(); \
                  [u.search, p.get('x'), p.getAll('x'), p.has('y'), [...p.keys()], p.size]";
    assert_eq!(
        json(script),
        r#"["?x=9&z=a+b%26","9",["9"],false,["x","z"],2]"#
    );
    let sources = "[new URLSearchParams('?a=1'), new URLSearchParams({ b: 2 }), \
                   new URLSearchParams([['c', 3]])].map(String)";
    assert_eq!(json(sources), r#"["a=1","b=2","c=3"]"#);
}

/// Methods called on other objects throw and nothing worse.
#[test]
fn wrong_receivers() {
    let script = "let bad = 0; for (let c of [URL, URLSearchParams, TextDecoder]) \
                  for (let k of Reflect.ownKeys(c.prototype)) { if (k == 'constructor') continue; \
                  let d = Object.getOwnPropertyDescriptor(c.prototype, k); \
                  let f = d.value ?? d.get; if (typeof f != 'function') continue; \
                  if (c == TextDecoder && k == 'encoding') continue; \
                  try { f.call({}, 'a', 'b'); bad++ } \
                  catch (e) { if (!(e instanceof TypeError)) bad++ } } bad";
    assert_eq!(json(script), "0");
}
