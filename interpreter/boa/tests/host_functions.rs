//! Host functions: what goes out, what comes back, and when timers fire meanwhile.
mod support;
use paddock_boa::{Outcome, Request, TOO_LONG, TOO_MANY};
use std::{cell::RefCell, rc::Rc};
use support::{Box, request};

type Calls = Rc<RefCell<Vec<(String, String)>>>;

const NAMES: &str = r#"["lookup","add"]"#;

/// A host that takes every call and numbers them from 0, but for those that `refuse` answers.
fn host_refusing(refuse: impl Fn(&str, usize) -> Option<i32> + 'static) -> (Box, Calls) {
    let calls = Calls::default();
    let mut sandbox = Box::new();
    let told = calls.clone();
    let tell = move |name: &str, json: &str| {
        let mut told = told.borrow_mut();
        refuse(json, told.len()).unwrap_or_else(|| {
            told.push((name.to_owned(), json.to_owned()));
            told.len() as i32 - 1
        })
    };
    sandbox
        .sandbox
        .expose(NAMES, std::boxed::Box::new(tell))
        .expect("names");
    (sandbox, calls)
}

fn host() -> (Box, Calls) {
    host_refusing(|_, _| None)
}

fn pending(sandbox: &mut Box, script: &str) {
    assert_eq!(
        sandbox.outcome(&request(script)),
        Outcome::Pending,
        "{script}"
    );
}

fn resumed(sandbox: &mut Box, answers: &[(i32, bool, &str)]) -> Outcome {
    for (id, good, json) in answers {
        sandbox.sandbox.settle(*id, *good, (*json).to_owned());
    }
    sandbox.sandbox.resume()
}

fn json(text: &str) -> Outcome {
    Outcome::Json(text.to_owned())
}

fn thrown(outcome: Outcome) -> String {
    match outcome {
        Outcome::Thrown(failure) => failure.message,
        other => panic!("{other:?}"),
    }
}

/// The argument goes out as JSON, the answer comes back as a value.
#[test]
fn round_trip() {
    let (mut sandbox, calls) = host();
    pending(
        &mut sandbox,
        "host.lookup({ id: 7 }).then(u => u.name + '!')",
    );
    assert_eq!(
        *calls.borrow(),
        [("lookup".to_owned(), r#"{"id":7}"#.to_owned())]
    );
    assert_eq!(
        resumed(&mut sandbox, &[(0, true, r#"{"name":"Ann"}"#)]),
        json("\"Ann!\"")
    );
    // What JSON cannot hold is null, as in a result.
    pending(
        &mut sandbox,
        "Promise.all([host.add(), host.add(() => {}), host.add('ü€😀')])",
    );
    assert_eq!(calls.borrow()[1].1, "null");
    assert_eq!(calls.borrow()[2].1, "null");
    assert_eq!(calls.borrow()[3].1, "\"ü€😀\"");
    let answers = [(2, true, "2"), (1, true, "1"), (3, true, "\"😀\"")];
    assert_eq!(resumed(&mut sandbox, &answers), json("[1,2,\"😀\"]"));
}

/// A resume without all answers waits on; calls follow from answers.
#[test]
fn in_steps() {
    let (mut sandbox, calls) = host();
    pending(
        &mut sandbox,
        "(async () => { let s = 0; for (let i = 0; i < 3; i++) s += await host.add(i); \
         return s })()",
    );
    assert_eq!(resumed(&mut sandbox, &[]), Outcome::Pending);
    assert_eq!(resumed(&mut sandbox, &[(9, true, "1")]), Outcome::Pending);
    assert_eq!(resumed(&mut sandbox, &[(0, true, "10")]), Outcome::Pending);
    assert_eq!(
        resumed(&mut sandbox, &[(1, true, "20"), (1, true, "99")]),
        Outcome::Pending
    );
    assert_eq!(resumed(&mut sandbox, &[(2, true, "30")]), json("60"));
    assert_eq!(calls.borrow().len(), 3);
}

/// Answers are delivered in the order of settling, each with all its jobs before the next.
#[test]
fn order() {
    let (mut sandbox, _) = host();
    pending(
        &mut sandbox,
        "let seen = []; let f = async n => { seen.push(await host.add(n)); await null; \
         seen.push(n) }; Promise.all([f('a'), f('b')]).then(() => seen.join(''))",
    );
    assert_eq!(
        resumed(&mut sandbox, &[(1, true, "2"), (0, true, "1")]),
        json("\"2b1a\"")
    );
}

/// A bad answer rejects with an Error of that message, which can be caught or not.
#[test]
fn rejections() {
    let (mut sandbox, _) = host();
    let script = "host.lookup(1).catch(e => [e instanceof Error, e.name, e.message])";
    pending(&mut sandbox, script);
    assert_eq!(
        resumed(&mut sandbox, &[(0, false, "\"no such user\"")]),
        json(r#"[true,"Error","no such user"]"#)
    );
    pending(&mut sandbox, script);
    assert_eq!(
        resumed(&mut sandbox, &[(1, false, "{\"code\":5}")]),
        json(r#"[true,"Error","{\"code\":5}"]"#)
    );
    pending(&mut sandbox, "host.lookup(1)");
    assert_eq!(
        thrown(resumed(&mut sandbox, &[(2, false, "\"down\"")])),
        "Error: down"
    );
    pending(
        &mut sandbox,
        "host.lookup(1).then(null, e => { throw new TypeError(e.message) })",
    );
    assert_eq!(
        thrown(resumed(&mut sandbox, &[(3, true, "{")]))
            .split(':')
            .next(),
        Some("TypeError")
    );
    // Nobody handles this one, and it is not the result.
    pending(
        &mut sandbox,
        "host.add(1); new Promise(f => setTimeout(f, 1))",
    );
    assert_eq!(
        thrown(resumed(&mut sandbox, &[(4, false, "\"lost\"")])),
        "Error: lost"
    );
    assert_eq!(sandbox.json("6 * 7"), "42");
}

/// What the host refuses and what cannot be JSON is a rejection, never a throw.
#[test]
fn refusals() {
    let (mut sandbox, calls) = host_refusing(|json, count| match (json, count) {
        (json, _) if json.len() > 20 => Some(TOO_LONG),
        (_, 2) => Some(TOO_MANY),
        ("0", _) => Some(-7),
        _ => None,
    });
    let told = "p.then(() => 'fine', e => `${e.name}: ${e.message}`)";
    let script = |call: &str| format!("let p = {call}; {told}");
    assert_eq!(
        sandbox.json(&script("host.add('x'.repeat(100))")),
        "\"RangeError: host.add: 102 bytes of JSON are more than the host takes\""
    );
    assert_eq!(
        sandbox.json(&script("host.add(0)")),
        "\"Error: host.add: refused by the host\""
    );
    assert!(sandbox.json(&script("host.add(1n)")).contains("TypeError"));
    assert!(
        sandbox
            .json(&script(
                "host.add({ toJSON() { throw new URIError('u') } })"
            ))
            .contains("URIError: u")
    );
    assert!(calls.borrow().is_empty());
    let outcome = sandbox.outcome(&request("host.add(1); host.add(2); host.add(3)"));
    assert_eq!(
        thrown(outcome),
        "RangeError: host.add: too many calls have not been answered"
    );
    assert_eq!(calls.borrow().len(), 2);
}

/// Timers stand still while an answer is awaited: a host's answer takes no virtual time.
#[test]
fn timers_wait() {
    let (mut sandbox, _) = host();
    pending(
        &mut sandbox,
        "let log = []; setTimeout(() => log.push('timer'), 0); let start = Date.now(); \
         host.add(1).then(() => { log.push('answer', Date.now() - start); \
         return new Promise(f => setTimeout(f, 5)) }).then(() => [log, Date.now() - start])",
    );
    assert_eq!(resumed(&mut sandbox, &[]), Outcome::Pending);
    assert_eq!(
        resumed(&mut sandbox, &[(0, true, "1")]),
        json(r#"[["answer",0,"timer"],5]"#)
    );
}

/// What is unanswered when the result is there is forgotten, and so is an answer that comes late.
#[test]
fn forgotten() {
    let (mut sandbox, calls) = host();
    assert_eq!(sandbox.json("host.add(1).then(() => { late = 1 }); 5"), "5");
    assert_eq!(calls.borrow().len(), 1);
    sandbox.sandbox.settle(0, true, "1".to_owned());
    assert_eq!(sandbox.json("typeof late"), "\"undefined\"");
    pending(&mut sandbox, "Promise.race([host.add(1), host.add(2)])");
    assert_eq!(resumed(&mut sandbox, &[(2, true, "\"b\"")]), json("\"b\""));
    pending(&mut sandbox, "host.add(3)");
    let answers = [(1, true, "\"stale\""), (3, true, "\"c\"")];
    assert_eq!(resumed(&mut sandbox, &answers), json("\"c\""));
}

/// The global is there only for names, and cannot be changed but by replacing it.
#[test]
fn global() {
    assert_eq!(Box::new().json("[typeof host, 'host' in globalThis]"), {
        r#"["undefined",false]"#
    });
    let mut none = Box::new();
    none.sandbox
        .expose("[]", std::boxed::Box::new(|_, _| 0))
        .expect("no names");
    assert_eq!(none.json("'host' in globalThis"), "false");
    for names in ["5", "null", "[1]", "{", "[\"a\",null]"] {
        let tell = std::boxed::Box::new(|_: &str, _: &str| 0);
        assert!(Box::new().sandbox.expose(names, tell).is_err(), "{names}");
    }
    let (mut sandbox, _) = host();
    assert_eq!(
        sandbox.json(
            "host.lookup = 1; host.more = 1; delete host.add; \
             [Object.isFrozen(host), Object.keys(host), host.add.name, host.add.length, \
              Object.getPrototypeOf(host), Object.keys(globalThis).includes('host')]"
        ),
        r#"[true,["lookup","add"],"add",1,null,false]"#
    );
    assert_eq!(
        sandbox.message("new host.add()"),
        "TypeError: not a constructor"
    );
}

/// What a script does to JSON, Promise or Object.prototype does not change how calls cross.
#[test]
fn pristine() {
    let (mut sandbox, calls) = host();
    sandbox.json(
        "JSON.stringify = JSON.parse = Promise = () => { throw 1 }; \
         let then = { get() { got = (globalThis.got ?? 0) + 1 } }; \
         Object.defineProperty(Object.prototype, 'then', then); 0",
    );
    pending(
        &mut sandbox,
        "(async () => (await host.add({ a: [1] })).b)()",
    );
    assert_eq!(calls.borrow()[0].1, r#"{"a":[1]}"#);
    assert_eq!(resumed(&mut sandbox, &[(0, true, r#"{"b":2}"#)]), json("2"));
    assert_eq!(sandbox.json("got > 0"), "true");
}

/// `input` stays until the end, and `evaluate` cannot begin before it.
#[test]
fn one_at_a_time() {
    let (mut sandbox, _) = host();
    let with_input = Request {
        input: Some("[1,2]"),
        ..request("host.add(input).then(() => input)")
    };
    assert_eq!(sandbox.outcome(&with_input), Outcome::Pending);
    assert!(matches!(sandbox.outcome(&request("1")), Outcome::Fatal(_)));
    assert_eq!(resumed(&mut sandbox, &[(0, true, "0")]), json("[1,2]"));
    assert_eq!(sandbox.json("typeof input"), "\"undefined\"");
    assert!(matches!(sandbox.sandbox.resume(), Outcome::Fatal(_)));
}
