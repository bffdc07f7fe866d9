//! Charges worked out by hand from the rule in README.md.

mod host;

use host::{Host, Outcome};
use wasmi::Val;

/// The units `run(argument)` uses.
fn used(functions: &str, argument: i32) -> i64 {
    let text = format!(
        "(module (import \"test\" \"host\" (func $host (param i32) (result i32)))
         (memory (export \"memory\") 2)
         (global (export \"__stack_pointer\") (mut i32) (i32.const 65536)) {functions})"
    );
    let mut host = Host::of_text(&text, 1_000_000);
    let outcome = host.call("run", &[Val::I32(argument)]);
    assert!(
        matches!(outcome, Outcome::Done(_)),
        "{outcome:?}: {functions}"
    );
    host.used()
}

#[test]
fn a_straight_function_costs_its_operators() {
    assert_eq!(
        used(
            "(func (export \"run\") (param i32) (drop (local.get 0)))",
            0
        ),
        1
    );
    // get, const, mul (4), drop
    let body = "(drop (i64.mul (i64.const 2) (i64.const 3)))";
    assert_eq!(
        used(&format!("(func (export \"run\") (param i32) {body})"), 0),
        6
    );
    assert_eq!(
        used("(func (export \"run\") (param i32))", 0),
        1,
        "at least one unit"
    );
}

#[test]
fn the_dearer_arm_is_charged_whichever_runs() {
    let body = "(if (local.get 0) (then (drop (i32.const 1)))
                (else (drop (i32.add (i32.const 1) (i32.const 2)))))";
    let function = format!("(func (export \"run\") (param i32) {body})");
    // get, if, and of the arms 1 or 3
    assert_eq!((used(&function, 0), used(&function, 1)), (5, 5));
}

#[test]
fn a_skipped_tail_is_charged_when_it_is_dearer() {
    let body = "(block (br_if 0 (local.get 0)) (drop (i32.const 1)) (drop (i32.const 2)))";
    assert_eq!(
        used(&format!("(func (export \"run\") (param i32) {body})"), 1),
        4
    );
}

#[test]
fn what_follows_an_early_return_is_charged() {
    let body = "(if (local.get 0) (then (return))) (drop (i32.const 1)) (drop (i32.const 2))";
    let function = format!("(func (export \"run\") (param i32) {body})");
    // get, if, and the two constants; `return` and `drop` are free
    assert_eq!((used(&function, 0), used(&function, 1)), (4, 4));
}

#[test]
fn a_loop_is_charged_for_each_round_and_what_follows_it_at_entry() {
    let function = "(func (export \"run\") (param i32)
        (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (drop (i32.const 1)) (drop (i32.const 1)))";
    // 2 at entry; 5 for each round: get, const, sub, tee, br_if
    assert_eq!(used(function, 10), 2 + 10 * 5);
}

#[test]
fn folded_functions_are_paid_for_by_their_callers() {
    let leaf = "(func $leaf (result i32) (i32.add (i32.const 1) (i32.const 2)))";
    let run = "(func (export \"run\") (param i32) (drop (call $leaf)))";
    // call (2) and the leaf's 3
    assert_eq!(used(&format!("{leaf} {run}"), 0), 5);
    // An exported function pays for itself: nothing changes in sum.
    assert_eq!(
        used(&format!("{leaf} {run} (export \"leaf\" (func $leaf))"), 0),
        5
    );
}

#[test]
fn loops_in_folded_functions_pay_for_themselves() {
    let leaf = "(func $leaf (param i32) (drop (i32.const 1))
        (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))";
    let run = "(func (export \"run\") (param i32) (call $leaf (local.get 0)))";
    // get, call (2) and the leaf's 1; 5 for each round
    assert_eq!(used(&format!("{leaf} {run}"), 10), 4 + 10 * 5);
}

#[test]
fn indirect_calls_pay_for_the_dearest() {
    let functions = "(type $f (func)) (type $g (func (param i32)))
        (table $t 3 funcref) (elem (i32.const 0) func $one $three $other)
        (func $one (type $f) (drop (i32.const 1)))
        (func $three (type $f) (drop (i32.add (i32.const 1) (i32.const 2))))
        (func $other (type $g) (drop (i64.mul (i64.const 1) (i64.const 2))))
        (func (export \"run\") (param i32) (call_indirect (type $f) (local.get 0)))";
    // get, call_indirect (4) and 3 for the dearest of the type
    assert_eq!((used(functions, 0), used(functions, 1)), (8, 8));
    // Where the host can call them too, they pay for themselves.
    let exported = format!("{functions} (export \"table\" (table $t))");
    assert_eq!((used(&exported, 0), used(&exported, 1)), (6, 8));
    let read = format!("{functions} (func (drop (table.get $t (i32.const 0))))");
    assert_eq!((used(&read, 0), used(&read, 1)), (6, 8));
}

#[test]
fn the_dearest_of_a_circle_keeps_its_check() {
    let again = |callee| {
        format!("(if (local.get 0) (then (call {callee} (i32.sub (local.get 0) (i32.const 1)))))")
    };
    let functions = format!(
        "(func $f (param i32) (drop (i32.const 1)) {})
         (func $g (param i32) {})
         (func (export \"run\") (param i32) (call $f (local.get 0)))",
        again("$g"),
        again("$f"),
    );
    // 3 for `run`; $f costs 8 and $g, which is folded into it, 7
    assert_eq!(used(&functions, 4), 3 + 3 * 15);
    assert_eq!(used(&functions, 3), 3 + 2 * 15);
}

#[test]
fn a_circle_through_a_loop_needs_no_other_check() {
    let functions = "(func $f (param i32) (loop
          (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))))))
        (func (export \"run\") (param i32) (call $f (local.get 0)))";
    // 3 for `run` and 1 for $f; 7 for each loop and 1 for the $f in it
    assert_eq!(used(functions, 3), 4 + 4 * 8);
}

#[test]
fn dead_code_is_free() {
    let run = "(func (export \"run\") (param i32) (drop (i32.const 1)) (return)
        (loop (drop (i64.div_u (i64.const 1) (i64.const 1))) (br 0)))";
    assert_eq!(used(run, 0), 1);
}

#[test]
fn host_calls_cost_their_weight() {
    let run = "(func (export \"run\") (param i32) (drop (call $host (local.get 0))))";
    assert_eq!(used(run, 0), 1 + 2 + meter::weights::IMPORT_CALL as i64);
}

#[test]
fn memory_growth_costs_by_the_page() {
    let run = "(func (export \"run\") (param i32) (drop (memory.grow (local.get 0))))";
    let pages = meter::weights::GROW_PAGE as i64;
    assert_eq!(used(run, 3), 1 + 100 + 3 * pages);
}

/// A loop around a switch of 16 arms. The arm k has k constants and `br $out`; `before` stands
/// before the switch, and `first` is the first arm's.
fn interpreter(before: &str, first: &str) -> String {
    let places: Vec<String> = (0..16).map(|arm| arm.to_string()).collect();
    let mut text = format!("{before} (br_table {} (local.get 0))", places.join(" "));
    for arm in 0..16 {
        let own = match arm {
            0 => first.to_owned(),
            _ => format!("{} (br $out)", "(drop (i32.const 1))".repeat(arm)),
        };
        text = format!("(block {text}) {own}");
    }
    let shared = "(drop (i32.const 1)) (drop (i32.const 2)) (br $out)";
    format!(
        "(func (export \"run\") (param i32)
          (block $out (loop (block $shared {text}) {shared})))"
    )
}

#[test]
fn each_arm_of_a_switch_in_a_loop_is_charged_for_itself_and_the_way_to_it() {
    let function = interpreter("", "(br $out)");
    // 1 at entry; get and br_table; the arm's constants and its br; 1 behind the block it leaves
    for arm in 0..16 {
        let opcode = i32::try_from(arm).expect("it is small");
        assert_eq!(used(&function, opcode), 1 + 2 + arm + 1 + 1);
    }
}

#[test]
fn a_way_around_the_arms_leaves_the_loop_its_check() {
    let function = interpreter("(br_if $out (i32.const 0))", "(br $out)");
    // 1 at entry; const, br_if, get and br_table at the header; the arm; 1 behind
    assert_eq!(used(&function, 5), 1 + 4 + 5 + 1 + 1);
}

#[test]
fn what_arms_share_is_charged_to_those_that_come_to_it() {
    let function = interpreter("", "(br $shared)");
    // The arm's br; then again the way, two constants and a br.
    assert_eq!(used(&function, 0), 1 + (2 + 1) + (2 + 3) + 1);
    assert_eq!(used(&function, 1), 1 + (2 + 2) + 1);
}
