//! Random modules: metered, they compute what they computed before, and the fuel they use is what
//! the rule says, counted by a second reading of it over the unmetered module.
//!
//! `METER_SEED` is the first seed and `METER_MODULES` the number of modules.

mod host;
mod reference;

use host::{FUEL, Host, Outcome};
use reference::{Traced, compose, generate, run};
use wasmi::Val;

const UNITS_MAX: u64 = 200_000;

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

#[derive(Debug, Default)]
struct Tally {
    finished: u64,
    trapped: u64,
    stopped: u64,
    with_folding: u64,
    units: u64,
    noted: usize,
}

#[test]
fn random_modules() {
    let first = from_environment("METER_SEED", 1);
    let count = from_environment("METER_MODULES", 400);
    let mut tally = Tally::default();
    for seed in first..first + count {
        if let Some(module) = generate(seed) {
            check(seed, &module, &mut tally);
        }
    }
    println!("{tally:?}");
    // The property says nothing unless all kinds of ends are met.
    let enough = count / 20;
    assert!(
        tally.finished > enough && tally.stopped > 0 && tally.trapped > 0,
        "{tally:?}"
    );
    assert!(tally.with_folding > 0 && tally.noted > 0, "{tally:?}");
}

/// Modules of what an engine's code is made of: they all finish, so every one is compared to the
/// unit.
#[test]
fn composed_modules() {
    let first = from_environment("METER_SEED", 1);
    let count = from_environment("METER_MODULES", 400);
    let mut tally = Tally::default();
    for seed in first..first + count {
        let module = wat::parse_str(compose(seed)).expect("what is composed is well formed");
        check(seed, &module, &mut tally);
    }
    println!("{tally:?}");
    assert!(
        tally.finished + tally.stopped == count && tally.finished > count / 2,
        "{tally:?}"
    );
    assert!(
        tally.with_folding > count / 2 && tally.units > 100 * count,
        "{tally:?}"
    );
}

fn check(seed: u64, module: &[u8], tally: &mut Tally) {
    let report = match meter::report(module, meter::Notes::Kept) {
        Ok(report) => report,
        Err(meter::MeterError::Refused { .. }) => return,
        Err(error) => panic!("seed {seed}: {error}"),
    };
    let again = meter::meter(module).expect("it was metered once");
    assert!(
        again == report.bytes,
        "seed {seed}: the bytes differ from one time to the next"
    );
    tally.with_folding += u64::from(report.folded > 0);
    for (export, arguments) in exported_functions(module) {
        let before = run(module, &export, &arguments, UNITS_MAX);
        let place = format!("seed {seed}, export {export}");
        let Some(outcome) = &before.outcome else {
            check_stopped(&report, &export, &arguments, &before, &place);
            tally.stopped += 1;
            continue;
        };
        match outcome {
            Outcome::Exhausted => {}
            Outcome::Done(_) => {
                check_finished(&report, &export, &arguments, &before, &place);
                tally.finished += 1;
                tally.units += before.charged;
            }
            Outcome::Trap(_) => {
                let mut host = Host::new(&report.bytes, before.charged as i64);
                let after = host.call(&export, &arguments);
                assert!(
                    matches!(after, host::OTHER | host::MEMORY),
                    "{place}: {after:?}"
                );
                assert!(host.used() <= before.charged as i64, "{place}");
                assert_eq!(host.state(), before.state, "{place}");
                assert_eq!(host.unnoted(), None, "{place}: written without a note");
                tally.noted += host.noted().len();
                tally.trapped += 1;
            }
        }
    }
}

fn check_finished(
    report: &meter::Report,
    export: &str,
    arguments: &[Val],
    before: &Traced,
    place: &str,
) {
    let charged = before.charged as i64;
    for (quantum, unnoted_at) in [(i64::MAX, None), (50, None), (50, Some(0)), (50, Some(3))] {
        let mut host = Host::with_quantum(&report.bytes, charged, quantum);
        if let Some(asked) = unnoted_at {
            host.leave_notes_at(asked);
        }
        let after = host.call(export, arguments);
        if after == host::MEMORY {
            // A growth that failed before is a trap now, by the rule.
            return;
        }
        assert_eq!(Some(&after), before.outcome.as_ref(), "{place}");
        assert_eq!(host.used(), charged, "{place}");
        assert!(
            host.state() == before.state,
            "{place}: memory or globals differ"
        );
        if unnoted_at.is_none_or(|asked| host.asked() <= asked) {
            assert_eq!(host.unnoted(), None, "{place}: written without a note");
        }
    }
    let mut host = Host::new(&report.bytes, charged - 1);
    assert_eq!(host.call(export, arguments), FUEL, "{place}");
    assert!(
        host.i64("meter.fuel") >= -(report.charge_max as i64),
        "{place}"
    );
}

fn check_stopped(
    report: &meter::Report,
    export: &str,
    arguments: &[Val],
    before: &Traced,
    place: &str,
) {
    let mut host = Host::new(&report.bytes, UNITS_MAX as i64);
    let after = host.call(export, arguments);
    if after == host::MEMORY || after == Outcome::Exhausted {
        return;
    }
    assert_eq!(after, FUEL, "{place}");
    assert_eq!(host.used(), before.charged as i64, "{place}");
    assert!(
        host.i64("meter.fuel") >= -(report.charge_max as i64),
        "{place}"
    );
}

/// The exported functions, each with arguments made of its parameters' types.
fn exported_functions(module: &[u8]) -> Vec<(String, Vec<Val>)> {
    let module = wasmi::Module::new(&host::engine(), module).expect("valid");
    let functions = module.exports().filter_map(|export| {
        let ty = export.ty().func()?.clone();
        let arguments = ty
            .params()
            .iter()
            .enumerate()
            .map(|(at, ty)| argument(ty, at))
            .collect();
        Some((export.name().to_owned(), arguments))
    });
    functions.collect()
}

fn argument(ty: &wasmi::ValType, at: usize) -> Val {
    let number = at as i32 * 7 + 3;
    match ty {
        wasmi::ValType::I64 => Val::I64(i64::from(number)),
        wasmi::ValType::F32 => Val::F32((number as f32).into()),
        wasmi::ValType::F64 => Val::F64(f64::from(number).into()),
        wasmi::ValType::I32 => Val::I32(number),
        other => Val::default(*other),
    }
}
