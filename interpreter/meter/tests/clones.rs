//! Without `meter.unnoted` everything is noted, whatever way a function is entered; once it is set,
//! what is entered from a loop notes nothing, and computes and is charged the same.

mod host;

use host::{Host, Outcome};
use wasmi::Val;

/// `f` writes 1 in each of `rounds` pages from an address on, by way of what `store` does.
fn module(store: &str) -> Vec<u8> {
    let text = format!(
        "(module (memory (export \"memory\") 8)
           (global $sp (export \"__stack_pointer\") (mut i32) (i32.const 65536))
           (type $write (func (param i32)))
           (type $pick (func (result funcref)))
           (table 3 funcref) (elem (i32.const 1) $write $through)
           (func $write (type $write) (i32.store (local.get 0) (i32.const 1)))
           (func $through (type $write)
             (call_indirect (type $write) (local.get 0) (i32.const 1)))
           (func $fill (type $write) (memory.fill (local.get 0) (i32.const 1) (i32.const 4)))
           (func (export \"picked\") (type $pick) (table.get 0 (i32.const 1)))
           (func (export \"named\") (type $pick) (ref.func $write))
           (func (export \"f\") (param i32 i32)
             (loop
               {store}
               (local.set 0 (i32.add (local.get 0) (i32.const 4096)))
               (br_if 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))))"
    );
    let wasm = wat::parse_str(text).expect("the test's module is well formed");
    meter::meter(&wasm).expect("the module can be metered")
}

const STORES: [&str; 4] = [
    "(call $write (local.get 0))",
    "(call $fill (local.get 0))",
    "(call_indirect (type $write) (local.get 0) (i32.const 1))",
    "(call_indirect (type $write) (local.get 0) (i32.const 2))",
];

/// Runs `f` for these pages, asking for fuel in every round.
fn run(wasm: &[u8], pages: std::ops::Range<i32>, unnoted_at: Option<u64>) -> Host {
    let mut host = Host::with_quantum(wasm, 1 << 40, 1);
    if let Some(asked) = unnoted_at {
        host.leave_notes_at(asked);
    }
    let arguments = [pages.start * 4096, pages.len() as i32].map(Val::I32);
    assert_eq!(host.call("f", &arguments), Outcome::Done(vec![]));
    for page in pages {
        assert_ne!(host.memory()[page as usize * 4096], 0);
    }
    host
}

#[test]
fn all_is_noted_until_it_is_said_otherwise() {
    for store in STORES {
        let host = run(&module(store), 20..25, None);
        assert_eq!(host.noted(), [20, 21, 22, 23, 24], "{store}");
        assert_eq!(host.unnoted(), None);
    }
}

#[test]
fn what_a_loop_enters_from_then_on_notes_nothing_and_takes_as_much_fuel() {
    for store in STORES {
        let wasm = module(store);
        let noting = run(&wasm, 20..25, None);
        let host = run(&wasm, 20..25, Some(0));
        assert_eq!(host.noted(), [] as [usize; 0], "{store}");
        assert_eq!(host.used(), noting.used());
        assert_eq!(host.asked(), noting.asked());
        assert_eq!(host.state(), noting.state());
        let late = run(&wasm, 20..25, Some(noting.asked() / 2));
        let noted = late.noted().len();
        assert!(0 < noted && noted < 5, "{store}: {noted} of 5");
    }
}

#[test]
fn it_notes_again_when_the_host_has_set_it_back() {
    for store in STORES {
        let mut host = run(&module(store), 20..25, Some(0));
        host.set_i32("meter.unnoted", 0);
        let arguments = [30 * 4096, 2].map(Val::I32);
        assert_eq!(host.call("f", &arguments), Outcome::Done(vec![]));
        assert_eq!(host.noted(), [30, 31], "{store}");
    }
}

#[test]
fn a_function_that_the_module_hands_out_is_the_one_that_notes() {
    for export in ["picked", "named"] {
        let mut host = run(&module(STORES[2]), 20..25, Some(0));
        host.set_i32("meter.unnoted", 0);
        host.call_returned(export, &[Val::I32(40 * 4096)]);
        assert_eq!(host.noted(), [40], "{export}");
    }
}

#[test]
fn a_place_that_is_not_in_the_table_traps_in_both_versions() {
    for place in [0, 3, -1] {
        let store = format!("(call_indirect (type $write) (local.get 0) (i32.const {place}))");
        let wasm = module(&store);
        for unnoted in [0, 1] {
            let mut host = Host::new(&wasm, 1 << 40);
            host.set_i32("meter.unnoted", unnoted);
            let arguments = [20 * 4096, 2].map(Val::I32);
            assert_eq!(host.call("f", &arguments), host::OTHER);
        }
    }
}

#[test]
fn without_notes_there_are_no_clones() {
    let text = "(module (memory (export \"memory\") 2)
        (global (export \"__stack_pointer\") (mut i32) (i32.const 65536))
        (func (export \"f\") (loop (br_if 0 (call $one))))
        (func $one (result i32) (i32.store (i32.const 70000) (i32.const 1)) (i32.const 0)))";
    let wasm = wat::parse_str(text).expect("it is well formed");
    let sizes = [meter::Notes::Kept, meter::Notes::Left].map(|notes| {
        let report = meter::report(&wasm, notes).expect("it can be metered");
        let module = wasmi::Module::new(&host::engine(), &report.bytes).expect("valid");
        let clones = module
            .exports()
            .any(|export| export.name() == "meter.unnoted");
        assert_eq!(clones, notes == meter::Notes::Kept);
        report.bytes.len()
    });
    assert!(sizes[1] < sizes[0], "{sizes:?}");
}
