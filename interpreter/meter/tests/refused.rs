//! Everything the meter must refuse, and what it must let through.

use meter::{MeterError, Place};

const STACK: &str = "(global (export \"__stack_pointer\") (mut i32) (i32.const 65536))";

fn meter_text(text: &str) -> meter::Result<Vec<u8>> {
    meter::meter(&wat::parse_str(text).expect("the test's module is well formed"))
}

fn with_stack(fields: &str) -> meter::Result<Vec<u8>> {
    meter_text(&format!(
        "(module {fields} (memory (export \"memory\") 2) {STACK})"
    ))
}

#[track_caller]
fn assert_refused(result: meter::Result<Vec<u8>>, expected: Place) {
    match result {
        Err(MeterError::Refused { place, .. }) => assert_eq!(place, expected),
        other => panic!("not refused: {:?}", other.map(|bytes| bytes.len())),
    }
}

#[track_caller]
fn assert_unknown(fields: &str) {
    let result = with_stack(fields);
    assert!(
        matches!(result, Err(MeterError::Invalid { .. })),
        "let through: {fields}"
    );
}

#[test]
fn operators_that_change_tables_or_drop_segments() {
    for code in [
        "(table.set 0 (i32.const 0) (ref.null func))",
        "(drop (table.grow 0 (ref.null func) (i32.const 1)))",
        "(table.fill 0 (i32.const 0) (ref.null func) (i32.const 1))",
        "(table.copy (i32.const 0) (i32.const 0) (i32.const 1))",
        "(table.init 0 (i32.const 0) (i32.const 0) (i32.const 0))",
        "(elem.drop 0)",
        "(data.drop 0)",
        // Dead code is refused too.
        "return (elem.drop 0)",
    ] {
        let fields = format!("(table 4 funcref) (elem func 0) (data \"x\") (func {code})");
        match with_stack(&fields) {
            Err(MeterError::Refused {
                place: Place::Operator { function: 0, .. },
                ..
            }) => {}
            other => panic!("{code}: {other:?}"),
        }
    }
}

#[test]
fn unknown_proposals() {
    for fields in [
        "(func (return_call 0))",
        "(tag) (func (throw 0))",
        "(type (struct)) (func (drop (struct.new 0)))",
        "(func (param v128 v128) (result v128)
           (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))",
        "(func (drop (i32.atomic.load (i32.const 0))))",
        "(type $t (func)) (func (call_ref $t (ref.null $t)))",
    ] {
        assert_unknown(fields);
    }
    for memory in [
        "(memory 1 2 shared)",
        "(memory i64 1)",
        "(memory 1 (pagesize 1))",
    ] {
        let result = meter_text(&format!("(module {memory} {STACK})"));
        assert!(
            matches!(result, Err(MeterError::Invalid { .. })),
            "let through: {memory}"
        );
    }
    assert!(matches!(
        meter::meter(b"nonsense"),
        Err(MeterError::Invalid { .. })
    ));
}

#[test]
fn several_memories() {
    assert_refused(with_stack("(memory 1)"), Place::Module);
}

#[test]
fn imports_other_than_functions() {
    let place = |name: &str| Place::Import("a".to_owned(), name.to_owned());
    let memory = format!("(module (import \"a\" \"m\" (memory 2)) {STACK})");
    assert_refused(meter_text(&memory), place("m"));
    assert_refused(
        with_stack("(import \"a\" \"g\" (global (mut i32)))"),
        place("g"),
    );
    assert_refused(
        with_stack("(import \"a\" \"t\" (table 1 funcref))"),
        place("t"),
    );
}

#[test]
fn modules_metered_before() {
    let twice = meter::meter(&with_stack("").unwrap());
    assert_refused(
        twice,
        Place::Import("sandbox".to_owned(), "refuel".to_owned()),
    );
    let name = "meter.fuel";
    let forged = format!("(func (export \"{name}\"))");
    assert_refused(with_stack(&forged), Place::Export(name.to_owned()));
}

#[test]
fn globals_the_host_cannot_restore() {
    assert_refused(
        with_stack("(global (mut funcref) (ref.null func))"),
        Place::Global(0),
    );
    assert_refused(
        with_stack("(global (mut v128) (v128.const i64x2 0 0))"),
        Place::Global(0),
    );
    assert!(with_stack("(global funcref (ref.null func))").is_ok());
}

#[test]
fn stacks_not_at_the_bottom() {
    assert_refused(meter_text("(module (memory 2))"), Place::Module);
    for (global, place) in [
        ("(mut i64) (i64.const 65536)", Place::Global(0)),
        ("i32 (i32.const 65536)", Place::Global(0)),
        ("(mut i32) (i32.const 1024)", Place::Global(0)),
        ("(mut i32) (i32.const 131073)", Place::Global(0)),
        ("(mut i32) (i32.const -16)", Place::Global(0)),
        (
            "(mut i32) (i32.add (i32.const 65535) (i32.const 1))",
            Place::Global(0),
        ),
    ] {
        let text = format!("(module (memory 2) (global (export \"__stack_pointer\") {global}))");
        assert_refused(meter_text(&text), place);
    }
    assert_refused(with_stack("(data (i32.const 65535) \"x\")"), Place::Data(0));
    assert!(with_stack("(data (i32.const 65536) \"x\")").is_ok());
}

#[test]
fn what_rust_emits_passes() {
    let fields = "(table 4 funcref) (elem (i32.const 1) func $f) (data \"x\")
        (func $f (param i64) (result i32 i64)
          (memory.init 0 (i32.const 70000) (i32.const 0) (i32.const 1))
          (i32.extend8_s (i32.trunc_sat_f64_s (f64.const 1e300))) (local.get 0))";
    assert!(with_stack(fields).is_ok());
}
