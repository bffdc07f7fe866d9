//! JSON.parse, which is ours.
mod support;
use support::{json, message};

/// Every kind of value, with escapes, numbers and space.
#[test]
fn values() {
    let script =
        r#"JSON.parse(' {"a" : [1 , -0, 2.5e3, true, null, "\u0041\n\"\ud83d\ude00" ] } ')"#;
    assert_eq!(json(script.replace('\\', "\\\\").as_str()), {
        r#"{"a":[1,0,2500,true,null,"A\n\"😀"]}"#
    });
    assert_eq!(json("Object.is(JSON.parse('-0'), -0)"), "true");
    assert_eq!(json(r#"JSON.parse('"€\\ud800"')"#), r#""€\ud800""#);
}

/// The last of two properties of one name wins, and index names are indexes.
#[test]
fn properties() {
    assert_eq!(
        json(r#"JSON.parse('{"b":1,"a":2,"b":3,"1":4}')"#),
        r#"{"1":4,"b":3,"a":2}"#
    );
}

/// What is no JSON is a SyntaxError.
#[test]
fn refused() {
    for text in [
        "",
        " ",
        "{",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "-",
        "tru",
        "nul",
        "'a'",
        "\"a",
        "\"\\x\"",
        "\"\\u12\"",
        "1 2",
        "[1 2]",
        "NaN",
        "Infinity",
        "undefined",
        "\u{a0}1",
        "\"\t\"",
    ] {
        let script = format!("JSON.parse({})", serde_like(text));
        assert!(message(&script).starts_with("SyntaxError: "), "{text}");
    }
}

fn serde_like(text: &str) -> String {
    let escaped: String = text
        .encode_utf16()
        .map(|unit| format!("\\u{unit:04x}"))
        .collect();
    format!("\"{escaped}\"")
}

/// Nesting costs no stack: ten thousand levels are read.
#[test]
fn deep() {
    let script = "let d = 1e4; let v = JSON.parse('['.repeat(d) + ']'.repeat(d)); \
                  let n = 0; while (v) { v = v[0]; n++ } n";
    assert_eq!(json(script), "10000");
}

/// A reviver sees every value.
#[test]
fn reviver() {
    assert_eq!(
        json(r#"JSON.parse('[1,{"a":2}]', (k, v) => typeof v == 'number' ? v + 1 : v)"#),
        { r#"[2,{"a":3}]"# }
    );
}

/// The function looks like the one it replaces.
#[test]
fn shape() {
    assert_eq!(
        json("[JSON.parse.name, JSON.parse.length]"),
        r#"["parse",2]"#
    );
    assert!(message("new JSON.parse('1')").starts_with("TypeError: "));
}
