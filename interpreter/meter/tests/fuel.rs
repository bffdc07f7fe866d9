//! Attacks on the fuel limit: nothing that loops or recurses runs on without it.

mod host;

use host::{FUEL, Host, Outcome};
use wasmi::Val;

/// A module with a memory, a table and a stack, around `functions`.
fn module(functions: &str) -> String {
    format!(
        "(module (import \"test\" \"host\" (func $host (param i32) (result i32)))
         (memory (export \"memory\") 2) (table 8 funcref)
         (global (export \"__stack_pointer\") (mut i32) (i32.const 65536)) {functions})"
    )
}

fn charge_max(text: &str) -> i64 {
    meter::report(&wat::parse_str(text).unwrap(), meter::Notes::Kept)
        .unwrap()
        .charge_max as i64
}

/// The module's `run` must end for want of fuel, and the counter at the trap be lawful.
fn assert_stopped(functions: &str) {
    let text = module(functions);
    for budget in [0, 1, 7, 1_000, 10_000] {
        let mut host = Host::of_text(&text, budget);
        assert_eq!(host.call("run", &[]), FUEL, "budget {budget}: {functions}");
        let counter = host.i64("meter.fuel");
        assert!(
            counter < 0 && counter >= -charge_max(&text),
            "{counter}: {functions}"
        );
    }
}

#[test]
fn loops_without_end_are_stopped() {
    assert_stopped("(func (export \"run\") (loop (br 0)))");
    assert_stopped("(func (export \"run\") (loop (br_if 0 (i32.const 1))))");
    assert_stopped("(func (export \"run\") (block (loop (br 0)) ) )");
    assert_stopped("(func (export \"run\") (loop (loop (br 1))))");
    assert_stopped("(func (export \"run\") (loop (block (br 1)) unreachable))");
    assert_stopped("(func (export \"run\") (loop (if (i32.const 1) (then (br 1)))) )");
    assert_stopped("(func (export \"run\") (loop (drop (call $host (i32.const 1))) (br 0)))");
}

#[test]
fn loops_by_br_table_are_stopped() {
    assert_stopped(
        "(func (export \"run\") (local i32) (loop $a (block $b (loop $c
           (local.set 0 (i32.add (local.get 0) (i32.const 1)))
           (br_table $a $b $c (i32.rem_u (local.get 0) (i32.const 4))))) (br $a)))",
    );
}

#[test]
fn loops_with_parameters_are_stopped() {
    assert_stopped(
        "(func (export \"run\") (i32.const 3) (loop (param i32) (i32.const 1) (i32.add) (br 0)))",
    );
}

#[test]
fn recursion_is_stopped() {
    assert_stopped("(func $f (export \"run\") (call $f))");
    assert_stopped("(func $f (call $g)) (func $g (call $f)) (func (export \"run\") (call $f))");
    assert_stopped("(func $f (call $f) (call $f)) (func (export \"run\") (call $f))");
    assert_stopped(
        "(func $leaf) (func $f (call $leaf) (call $g)) (func $g (call $leaf) (call $f))
         (func (export \"run\") (call $g))",
    );
}

#[test]
fn indirect_recursion_is_stopped() {
    assert_stopped(
        "(elem (i32.const 0) $f) (func $f (export \"run\") (call_indirect (i32.const 0)))",
    );
    assert_stopped(
        "(elem (i32.const 0) func $f) (func $f (call $g)) (func $g (call_indirect (i32.const 0)))
         (func (export \"run\") (call $f))",
    );
}

/// A tree of folded functions could double the work at each level without a check.
#[test]
fn exponential_call_trees_are_stopped() {
    let mut functions = String::from("(func $f0 (global.set 0 (i32.const 4096)))");
    for level in 1..40 {
        let below = level - 1;
        functions += &format!("(func $f{level} (call $f{below}) (call $f{below}))");
    }
    assert_stopped(&format!("{functions} (func (export \"run\") (call $f39))"));
}

#[test]
fn bulk_operations_are_charged_before_they_run() {
    for operation in [
        "(memory.fill (i32.const 0) (i32.const 1) (local.get 0))",
        "(memory.copy (i32.const 0) (i32.const 9) (local.get 0))",
    ] {
        let text = module(&format!("(func (export \"run\") (param i32) {operation})"));
        let mut host = Host::of_text(&text, 20_000);
        // 131,063 bytes fit into the memory, and each costs a unit.
        let before = host.state();
        assert_eq!(host.call("run", &[Val::I32(131_063)]), FUEL);
        assert_eq!(host.state(), before, "it ran all the same: {operation}");
        assert_eq!(host.i64("meter.fuel"), -1, "the rule for lengths");
        // 4 GiB would trap for its bounds, but is charged first.
        let mut host = Host::of_text(&text, 1_000_000_000);
        assert_eq!(host.call("run", &[Val::I32(-1)]), FUEL);
        let mut host = Host::of_text(&text, 20_000);
        assert_eq!(host.call("run", &[Val::I32(4_000)]), Outcome::Done(vec![]));
        assert_eq!(host.used(), 4_000 + 10 + 3);
    }
}

/// The length is charged before the bounds of segment and memory are even looked at.
#[test]
fn segments_are_charged_before_they_are_copied() {
    let text = module(
        "(data \"abc\") (func (export \"run\") (param i32)
           (memory.init 0 (i32.const 70000) (i32.const 0) (local.get 0)))",
    );
    let mut host = Host::of_text(&text, 1_000);
    assert_eq!(host.call("run", &[Val::I32(3)]), Outcome::Done(vec![]));
    assert_eq!(host.used(), 3 + 10 + 3);
    assert_eq!(host.call("run", &[Val::I32(1_000)]), FUEL);
    assert_eq!(
        Host::of_text(&text, 2_000).call("run", &[Val::I32(4)]),
        host::OTHER
    );
}

#[test]
fn bulk_operations_in_loops_are_stopped() {
    assert_stopped(
        "(func (export \"run\") (local i32) (local.set 0 (i32.const 65536))
           (loop (memory.fill (i32.const 0) (i32.const 1) (local.get 0)) (br 0)))",
    );
    assert_stopped(
        "(func (export \"run\")
           (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 256)) (br 0)))",
    );
}

#[test]
fn a_bulk_charge_in_a_function_called_in_a_loop_counts() {
    assert_stopped(
        "(func $fill (param i32) (memory.fill (i32.const 0) (i32.const 1) (local.get 0)))
         (func (export \"run\") (loop (call $fill (i32.const 5000)) (br 0)))",
    );
}

#[test]
fn nothing_runs_before_the_first_grant() {
    let text = module("(func (export \"run\") (global.set 0 (i32.const 4096)))");
    let mut host = Host::of_text(&text, 0);
    assert_eq!(host.call("run", &[]), FUEL);
    assert_eq!(host.i32("__stack_pointer"), 65_536);
}

/// A start function runs at instantiation, where the counter is 0: it must ask.
#[test]
fn start_functions_pay() {
    let text = module("(func $start (global.set 0 (i32.const 4096))) (start $start)");
    let host = Host::of_text(&text, 1_000);
    assert_eq!((host.asked(), host.used()), (1, 2));
}

/// What is used does not depend on how it was granted, when it suffices.
#[test]
fn the_quantum_changes_nothing() {
    let text = module(
        "(func (export \"run\") (local i32) (local.set 0 (i32.const 100))
           (loop (memory.fill (i32.const 0) (i32.const 1) (i32.mul (local.get 0) (i32.const 8)))
             (local.tee 0 (i32.sub (local.get 0) (i32.const 1))) (br_if 0)))",
    );
    let metered = meter::meter(&wat::parse_str(&text).unwrap()).unwrap();
    let used = [i64::MAX, 10_000, 100, 1].map(|quantum| {
        let mut host = Host::with_quantum(&metered, 1_000_000, quantum);
        assert_eq!(host.call("run", &[]), Outcome::Done(vec![]));
        host.used()
    });
    assert_eq!(used, [used[0]; 4]);
    // Exactly enough is enough, one unit less is not.
    for (budget, expected) in [(used[0], Outcome::Done(vec![])), (used[0] - 1, FUEL)] {
        assert_eq!(Host::new(&metered, budget).call("run", &[]), expected);
    }
}
