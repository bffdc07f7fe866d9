//! Attacks on the shadow stack's limit.

mod host;

use host::{Host, Outcome, STACK};
use wasmi::Val;

const HIGH: i32 = 65_536;

fn host(functions: &str) -> Host {
    let text = format!(
        "(module (memory (export \"memory\") 2)
         (global $sp (export \"__stack_pointer\") (mut i32) (i32.const {HIGH})) {functions})"
    );
    Host::of_text(&text, 1 << 40)
}

const SET: &str = "(func (export \"set\") (param i32) (global.set $sp (local.get 0)))";

#[test]
fn the_pointer_stays_within_its_bounds() {
    for allowed in [HIGH, HIGH - 16, meter::STACK_LOW as i32] {
        assert_eq!(
            host(SET).call("set", &[Val::I32(allowed)]),
            Outcome::Done(vec![])
        );
    }
    for refused in [
        meter::STACK_LOW as i32 - 1,
        0,
        -16,
        i32::MIN,
        i32::MAX,
        HIGH + 1,
    ] {
        assert_eq!(
            host(SET).call("set", &[Val::I32(refused)]),
            STACK,
            "{refused}"
        );
    }
}

#[test]
fn recursion_ends_with_the_stack() {
    let frame = "(func $f (export \"run\") (local $fp i32)
        (global.set $sp (local.tee $fp (i32.sub (global.get $sp) (i32.const 64))))
        (i32.store (local.get $fp) (i32.const 1)) (call $f)
        (global.set $sp (i32.add (local.get $fp) (i32.const 64))))";
    let mut host = host(frame);
    assert_eq!(host.call("run", &[]), STACK);
    assert!(host.i32("__stack_pointer") >= meter::STACK_LOW as i32);
}

/// Space taken by a length the script chooses, wrap-around included.
#[test]
fn dynamic_lowering_is_checked() {
    let alloca = "(func (export \"run\") (param i32)
        (global.set $sp (i32.sub (global.get $sp) (local.get 0))))";
    assert_eq!(
        host(alloca).call("run", &[Val::I32(1_024)]),
        Outcome::Done(vec![])
    );
    for length in [65_536, 64_513, -16, -1, i32::MIN, i32::MAX] {
        assert_eq!(
            host(alloca).call("run", &[Val::I32(length)]),
            STACK,
            "{length}"
        );
    }
}

/// Code that looks like an epilogue but is none.
#[test]
fn false_epilogues_are_checked() {
    let lowered = i32::try_from(meter::STACK_LOW).unwrap() - 32;
    for functions in [
        // A parameter may hold anything.
        "(func (export \"run\") (param $x i32)
           (global.set $sp (i32.add (local.get $x) (i32.const 16))))",
        // Assigned something else on the way.
        "(func (export \"run\") (param $y i32) (local $x i32)
           (local.set $x (global.get $sp)) (local.set $x (local.get $y))
           (global.set $sp (i32.add (local.get $x) (i32.const 16))))",
        // Assigned something else on one of two ways.
        "(func (export \"run\") (param $y i32) (local $x i32)
           (local.set $x (global.get $sp))
           (if (local.get $y) (then (local.set $x (local.get $y))))
           (global.set $sp (i32.add (local.get $x) (i32.const 16))))",
        // Assigned something else in an earlier round of the loop.
        "(func (export \"run\") (param $y i32) (local $x i32)
           (local.set $x (global.get $sp))
           (loop (global.set $sp (i32.add (local.get $x) (i32.const 0)))
             (local.set $x (local.get $y))
             (br_if 0 (i32.ne (global.get $sp) (local.get $y)))))",
        // A negative constant lowers.
        "(func (export \"run\") (param $y i32) (local $x i32) (local.set $x (global.get $sp))
           (global.set $sp (i32.add (local.get $x) (i32.const -65000))))",
        // Never assigned: it is 0.
        "(func (export \"run\") (param $y i32) (local $x i32)
           (global.set $sp (i32.add (local.get $x) (i32.const 16))))",
        // A lowered value that was never checked, since the pointer took another.
        "(func (export \"run\") (param $y i32) (local $x i32)
           (local.set $x (i32.sub (global.get $sp) (i32.const 65000)))
           (global.set $sp (i32.add (local.get $x) (i32.const 16))))",
    ] {
        assert_eq!(
            host(functions).call("run", &[Val::I32(lowered)]),
            STACK,
            "{functions}"
        );
    }
}

/// The pointer raised by many small constants can leave the stack at the top, but then the next
/// lowering traps.
#[test]
fn raising_beyond_the_top_does_not_help() {
    let functions = "(func (export \"raise\") (local $x i32) (local.set $x (global.get $sp))
        (global.set $sp (i32.add (local.get $x) (i32.const 2147483647))))
        (func (export \"lower\")
          (global.set $sp (i32.sub (global.get $sp) (i32.const 2147480000))))";
    let mut host = host(functions);
    for _ in 0..2 {
        if host.call("raise", &[]) == STACK {
            return;
        }
    }
    assert_eq!(host.call("lower", &[]), STACK);
}

/// What a prologue sets is compared as a signed number: it must not get round that way.
#[test]
fn large_frames_are_checked() {
    for (from, length) in [
        (HIGH, 64_513),
        (HIGH, i32::MAX),
        (meter::STACK_LOW as i32, 1),
        (meter::STACK_LOW as i32, i32::MAX),
        (HIGH, -1),
        (HIGH, i32::MIN),
        (meter::STACK_LOW as i32, i32::MIN),
    ] {
        for kept in ["", "(local.tee $fp"] {
            let close = if kept.is_empty() { "" } else { ")" };
            let frame = format!(
                "(func (export \"run\") (local $fp i32)
                   (global.set $sp {kept} (i32.sub (global.get $sp) (i32.const {length})){close}))"
            );
            let mut host = host(&format!("{SET} {frame}"));
            assert_eq!(host.call("set", &[Val::I32(from)]), Outcome::Done(vec![]));
            assert_eq!(host.call("run", &[]), STACK, "{from} {length} {kept}");
        }
    }
}

/// The deepest the stack has been, in steps, until the host forgets it.
#[test]
fn the_deepest_is_noted() {
    let mut host = host(SET);
    assert_eq!(host.i32("meter.stack_lowest"), HIGH);
    let low = meter::STACK_LOW as i32;
    for (pointer, used) in [
        (HIGH, 0),
        (HIGH - 16, 4096),
        (HIGH - 4096, 4096),
        (HIGH - 4097, 8192),
        (HIGH - 1, 8192),
        (low + 1, HIGH - low),
        (low, HIGH - low),
        (HIGH, HIGH - low),
    ] {
        assert_eq!(
            host.call("set", &[Val::I32(pointer)]),
            Outcome::Done(vec![])
        );
        assert_eq!(host.i32("meter.stack_lowest"), HIGH - used, "{pointer}");
    }
    assert_eq!(host.call("set", &[Val::I32(low - 1)]), STACK);
    assert_eq!(host.i32("meter.stack_lowest"), low);
}

#[test]
fn a_host_may_shorten_the_stack() {
    let mut host = host(SET);
    let low = HIGH - 10_000;
    host.set_i32("meter.stack_low", low);
    for pointer in [HIGH - 4097, low] {
        assert_eq!(
            host.call("set", &[Val::I32(pointer)]),
            Outcome::Done(vec![])
        );
    }
    assert_eq!(host.i32("meter.stack_lowest"), low);
    assert_eq!(host.call("set", &[Val::I32(low - 1)]), STACK);
}

/// Whatever is lowered how: nothing is written below what is noted.
#[test]
fn nothing_is_written_below_what_is_noted() {
    let frames = "(func $f (export \"run\") (param $depth i32) (local $fp i32)
        (global.set $sp (local.tee $fp (i32.sub (global.get $sp) (i32.const 48))))
        (i32.store (local.get $fp) (i32.const -1))
        (if (local.get $depth) (then (call $f (i32.sub (local.get $depth) (i32.const 1)))))
        (global.set $sp (i32.add (local.get $fp) (i32.const 48))))";
    for depth in [0, 1, 84, 85, 86, 400, 1_300] {
        let mut host = host(frames);
        assert_eq!(host.call("run", &[Val::I32(depth)]), Outcome::Done(vec![]));
        let used = HIGH - host.i32("meter.stack_lowest");
        assert!(used >= (depth + 1) * 48 && used < (depth + 1) * 48 + 4096);
        let memory = host.memory();
        let end = usize::try_from(HIGH - used).unwrap();
        assert!(memory[..end].iter().all(|byte| *byte == 0), "{depth}");
    }
}
