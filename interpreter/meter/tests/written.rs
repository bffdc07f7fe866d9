//! Whatever a module writes outside of its stack's frames lies on a page that is noted, or in the
//! first 256 bytes behind one that is.

mod host;

use host::{Host, OTHER, Outcome};
use wasmi::Val;

const BUDGET: i64 = 1 << 60;

/// A module whose stack ends at 64 KiB and whose memory at 256 KiB.
fn host(functions: &str) -> Host {
    let text = format!(
        "(module (memory (export \"memory\") 4)
           (global $sp (export \"__stack_pointer\") (mut i32) (i32.const 65536))
           {functions})"
    );
    Host::of_text(&text, BUDGET)
}

fn call(host: &mut Host, arguments: &[i32]) -> Outcome {
    let values: Vec<_> = arguments.iter().copied().map(Val::I32).collect();
    host.call("f", &values)
}

fn noted(functions: &str, arguments: &[i32]) -> Vec<usize> {
    let mut host = host(functions);
    assert_eq!(call(&mut host, arguments), Outcome::Done(vec![]));
    assert_eq!(host.unnoted(), None);
    host.noted()
}

#[test]
fn a_store_notes_its_page() {
    let stores = [
        "(i32.store offset=8 (local.get 0) (i32.const -1))",
        "(i32.store8 (local.get 0) (i32.const -1))",
        "(i32.store16 (local.get 0) (i32.const -1))",
        "(i64.store (local.get 0) (i64.const -1))",
        "(i64.store8 (local.get 0) (i64.const -1))",
        "(i64.store16 (local.get 0) (i64.const -1))",
        "(i64.store32 (local.get 0) (i64.const -1))",
        "(f32.store (local.get 0) (f32.const 1))",
        "(f64.store (local.get 0) (f64.const 1))",
        "(v128.store (local.get 0) (v128.const i64x2 1 1))",
        "(v128.store64_lane 1 (local.get 0) (v128.const i64x2 1 1))",
    ];
    for store in stores {
        // The address in a local, and on the stack alone.
        for address in ["(local.get 0)", "(i32.add (local.get 0) (i32.const 0))"] {
            let store = store.replace("(local.get 0)", address);
            let function = format!("(func (export \"f\") (param i32) {store})");
            assert_eq!(noted(&function, &[20 * 4096]), [20], "{store}");
        }
    }
}

#[test]
fn the_offset_counts() {
    let function = "(func (export \"f\") (param i32)
        (i32.store offset=70000 (local.get 0) (i32.const 1)))";
    assert_eq!(noted(function, &[4096 * 10]), [(4096 * 10 + 70_000) / 4096]);
}

#[test]
fn one_that_runs_over_its_page_is_covered_by_its_note() {
    let function = "(func (export \"f\") (param i32)
        (i64.store (local.get 0) (i64.const -1)))";
    assert_eq!(noted(function, &[21 * 4096 - 3]), [20]);
}

#[test]
fn near_stores_from_one_local_share_a_note_and_far_ones_do_not() {
    let function = "(func (export \"f\") (param i32)
        (i32.store (local.get 0) (i32.const 1))
        (i32.store offset=252 (local.get 0) (i32.const 1))
        (i32.store offset=253 (local.get 0) (i32.const 1)))";
    // The last two bytes of the last one are more than 256 behind the first.
    assert_eq!(noted(function, &[21 * 4096 - 1]), [20, 21]);
}

#[test]
fn stores_from_one_local_share_a_note_in_any_order() {
    let function = "(func (export \"f\") (param i32)
        (i32.store offset=252 (local.get 0) (i32.const 1))
        (i32.store offset=8 (local.get 0) (i32.const 1))
        (i32.store offset=304 (local.get 0) (i32.const 1))
        (i32.store offset=256 (local.get 0) (i32.const 1)))";
    // The note of the first stands for all that is less than 256 behind the local.
    assert_eq!(noted(function, &[21 * 4096 - 8]), [20, 21]);
    assert_eq!(noted(function, &[21 * 4096 - 300]), [20]);
    assert_eq!(noted(function, &[0x10_000 - 1]), [15, 16]);
}

#[test]
fn a_local_that_is_assigned_needs_a_note_again() {
    let assigned = [
        "(local.set 0 (local.get 1))",
        "(drop (local.tee 0 (local.get 1)))",
        "(if (local.get 0) (then (local.set 0 (local.get 1))))",
        "(loop (local.set 0 (local.get 1)))",
    ];
    for assignment in assigned {
        let function = format!(
            "(func (export \"f\") (param i32 i32)
                (i32.store (local.get 0) (i32.const 1)) {assignment}
                (i32.store (local.get 0) (i32.const 1)))"
        );
        assert_eq!(noted(&function, &[20 * 4096, 30 * 4096]), [20, 30]);
    }
}

#[test]
fn an_address_taken_before_its_local_was_assigned_is_the_old_one() {
    let function = "(func (export \"f\") (param i32 i32)
        local.get 0
        local.get 1
        local.set 0
        i32.const 1
        i32.store)";
    assert_eq!(noted(function, &[20 * 4096, 30 * 4096]), [20]);
}

#[test]
fn what_one_arm_notes_the_way_past_it_does_not() {
    let function = "(func (export \"f\") (param i32 i32)
        (if (local.get 1) (then (i32.store (local.get 0) (i32.const 1)))
                          (else (i32.store offset=4 (local.get 0) (i32.const 1))))
        (block (br_if 0 (i32.eqz (local.get 1))) (i32.store offset=8 (local.get 0) (i32.const 1)))
        (i32.store offset=12 (local.get 0) (i32.const 1)))";
    for taken in [0, 1] {
        assert_eq!(noted(function, &[20 * 4096, taken]), [20]);
    }
}

#[test]
fn a_block_whose_result_came_by_a_branch_is_no_local() {
    let function = "(func (export \"f\") (param i32 i32)
        (i32.store (local.get 0) (i32.const 1))
        (block (result i32) (br_if 0 (local.get 1) (i32.const 1)) (drop) (local.get 0))
        i32.const 1
        i32.store)";
    assert_eq!(noted(function, &[20 * 4096, 30 * 4096]), [20, 30]);
}

#[test]
fn a_loop_notes_the_page_of_each_round() {
    let function = "(func (export \"f\") (param i32)
        (loop
          (i32.store (local.get 0) (i32.const 1))
          (local.set 0 (i32.add (local.get 0) (i32.const 4096)))
          (br_if 0 (i32.lt_u (local.get 0) (i32.const 102400)))))";
    assert_eq!(noted(function, &[20 * 4096]), [20, 21, 22, 23, 24]);
}

#[test]
fn bulk_operations_note_all_their_pages() {
    let operations = [
        "(memory.fill (local.get 0) (i32.const 7) (local.get 1))",
        "(memory.copy (local.get 0) (i32.const 0) (local.get 1))",
        "(memory.init 0 (local.get 0) (i32.const 0) (local.get 1))",
    ];
    for operation in operations {
        let data = "a".repeat(9000);
        let function =
            format!("(data \"{data}\") (func (export \"f\") (param i32 i32) {operation})");
        assert_eq!(
            noted(&function, &[20 * 4096 + 4095, 2]),
            [20, 21],
            "{operation}"
        );
        assert_eq!(noted(&function, &[20 * 4096, 4096]), [20], "{operation}");
        assert_eq!(
            noted(&function, &[20 * 4096, 9000]),
            [20, 21, 22],
            "{operation}"
        );
        assert_eq!(
            noted(&function, &[20 * 4096, 0]),
            [] as [usize; 0],
            "{operation}"
        );
    }
}

#[test]
fn what_traps_writes_nothing_and_the_next_call_is_right() {
    let function = "(func (export \"f\") (param i32 i32)
        (memory.fill (local.get 0) (i32.const 7) (local.get 1))
        (i64.store offset=4294967295 (local.get 0) (i64.const 1)))";
    let mut host = host(function);
    for [at, length] in [[-1, -1], [0, -1], [-4096, 8192], [262_143, 2], [80_000, 0]] {
        assert_eq!(call(&mut host, &[at, length]), OTHER);
        assert_eq!(host.unnoted(), None);
    }
}

#[test]
fn a_store_below_all_frames_is_noted() {
    let function = "(func (export \"f\") (param i32)
        (i32.store (local.get 0) (i32.const -1)))";
    assert_eq!(noted(function, &[8]), [0]);
    assert_eq!(noted(function, &[3 * 4096 - 2]), [2]);
}

#[test]
fn a_frame_needs_no_note() {
    let function = "(func (export \"f\") (local i32)
        (global.set $sp (local.tee 0 (i32.sub (global.get $sp) (i32.const 64))))
        (i64.store offset=8 (local.get 0) (i64.const -1))
        (i32.store offset=60 (local.get 0) (i32.const -1))
        (global.set $sp (i32.add (local.get 0) (i32.const 64))))";
    assert_eq!(noted(function, &[]), [] as [usize; 0]);
    // What begins in the frame and ends above it may be data.
    let above = function.replace("offset=60", "offset=61");
    assert_eq!(noted(&above, &[]), [15]);
}

#[test]
fn notes_can_be_left_out_to_measure_the_rest() {
    let text = "(module (memory (export \"memory\") 4)
        (global (export \"__stack_pointer\") (mut i32) (i32.const 65536))
        (func (export \"f\") (param i32) (i32.store (local.get 0) (i32.const 1))
            (memory.fill (local.get 0) (i32.const 1) (local.get 0))))";
    let wasm = wat::parse_str(text).expect("it is well formed");
    let report = meter::report(&wasm, meter::Notes::Left).expect("it can be metered");
    let mut host = Host::new(&report.bytes, BUDGET);
    assert_eq!(call(&mut host, &[80_000]), Outcome::Done(vec![]));
    assert_eq!(host.noted(), [] as [usize; 0]);
    assert_eq!(host.unnoted(), Some(80_000));
}

#[test]
fn what_no_control_reaches_says_nothing_of_an_address() {
    let function = "(func (export \"f\") (param i32) (local i32 i32)
        local.get 0 i32.const 0 i32.add
        block br 0 local.tee 1 local.set 2 end
        i32.const -1 i32.store)";
    assert_eq!(noted(function, &[20 * 4096]), [20]);
}
