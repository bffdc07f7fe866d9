//! What a script has read of the clock and of chance is told, and nothing else is.
mod support;
use paddock_boa::{Observation, Outcome};
use support::{Box, request};

fn seen(script: &str) -> (bool, bool) {
    let mut sandbox = Box::new();
    let outcome = sandbox.outcome(&request(script));
    assert!(matches!(outcome, Outcome::Json(_)), "{script}: {outcome:?}");
    let sandbox = sandbox.sandbox;
    (
        sandbox.observed(Observation::Clock),
        sandbox.observed(Observation::Random),
    )
}

/// Every way to the time counts, also the ones that show only how much of it has passed.
#[test]
fn clock() {
    for script in [
        "Date.now(); 0",
        "new Date(); 0",
        "Date(); 0",
        "new (class extends Date {})(); 0",
        "Reflect.construct(Date, [], Object).getTime; 0",
        "Temporal.Now.instant(); 0",
        "Temporal.Now.zonedDateTimeISO(); 0",
        "Temporal.Now.plainDateTimeISO(); 0",
        "Temporal.Now.plainDateISO(); 0",
        "Temporal.Now.plainTimeISO(); 0",
        "console.time('a'); 0",
        "console.time('a'); console.timeLog('a'); 0",
        "try { throw Date.now() } catch { 0 }",
        "new Promise(f => setTimeout(() => f(Date.now()), 5))",
        "setTimeout(() => Date.now()); new Promise(f => setTimeout(f, 9))",
        "Promise.resolve().then(() => { Date.now() }); 0",
        "({ toJSON() { return Date.now() } })",
    ] {
        assert_eq!(seen(script), (true, false), "{script}");
    }
}

/// Every draw counts.
#[test]
fn random() {
    for script in [
        "Math.random(); 0",
        "let { random } = Math; [1].map(random); 0",
        "[3, 1, 2].sort(Math.random); 0",
        "({ get a() { return Math.random() > 2 } })",
    ] {
        assert_eq!(seen(script), (false, true), "{script}");
    }
    assert_eq!(seen("Date.now() * Math.random()"), (true, true));
}

/// What neither shows the time nor draws does not count, timers included.
#[test]
fn neither() {
    for script in [
        "1 + 1",
        "var later = () => [Date.now(), Math.random()]; 0",
        "[typeof Date.now, typeof Math.random, Temporal.Now.timeZoneId()]",
        "new Date(0).toISOString() + new Date('2026-11-22T10:00').toString() + Date.UTC(2026)",
        "new Date(2026, 1, 2, 3).getTimezoneOffset() + Date.parse('2026-01-02')",
        "Temporal.PlainDate.from('2026-11-22').add({ days: 40 }).toString()",
        "new Promise(f => { let n = 0, i = setInterval(() => { n++ > 3 && f(n) }, 7) })",
        "let t = setTimeout(() => {}, 1e9); clearTimeout(t); queueMicrotask(() => {}); 0",
        "let m = new Map([[{}, 1]]); m.get({}); new WeakMap(); Symbol(); new Set('ab').size",
        "console.log([1], new Error('x').stack); console.count(); console.timeEnd('none'); 0",
        "Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10).async",
        "let a = new Int32Array(4); try { Atomics.wait(a, 0, 0, 10) } catch (e) { e.name }",
        "structuredClone([new Date(5)]); new URL('a:b'); btoa('a')",
        "eval('1'); new Function('return 1')(); /a(?<b>c)/.exec('ac').groups.b",
    ] {
        assert_eq!(seen(script), (false, false), "{script}");
    }
}

/// A script that throws has read what it has read; the next call begins anew.
#[test]
fn each_call_for_itself() {
    let mut sandbox = Box::new();
    sandbox.message("Math.random(); throw new Error('after')");
    assert!(sandbox.sandbox.observed(Observation::Random));
    assert_eq!(sandbox.json("typeof Date"), "\"function\"");
    assert!(!sandbox.sandbox.observed(Observation::Random));
    assert_eq!(sandbox.json("+Date().slice(0, 0)"), "0");
    assert!(sandbox.sandbox.observed(Observation::Clock));
}
