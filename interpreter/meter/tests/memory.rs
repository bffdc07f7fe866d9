//! The memory limit: exact to the page, not to be caught, and kept when a slot is used again.

mod host;

use host::{FUEL, Host, MEMORY, Outcome};
use wasmi::Val;

const BUDGET: i64 = 1 << 60;

const TEXT: &str = "(module (memory (export \"memory\") 2)
    (global (export \"__stack_pointer\") (mut i32) (i32.const 65536))
    (func (export \"grow\") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export \"size\") (result i32) (memory.size)))";

fn grow(host: &mut Host, pages: i32) -> Outcome {
    host.call("grow", &[Val::I32(pages)])
}

#[test]
fn the_limit_holds_to_the_page() {
    let mut host = Host::of_text(TEXT, BUDGET);
    host.set_i32("meter.memory_pages_max", 10);
    assert_eq!(grow(&mut host, 8), Outcome::Done(vec![2]));
    assert_eq!(host.call("size", &[]), Outcome::Done(vec![10]));
    assert_eq!(grow(&mut host, 0), Outcome::Done(vec![10]));
    assert_eq!(grow(&mut host, 1), MEMORY);
    assert_eq!(host.physical_pages(), 10);
}

/// A sum that wraps around 32 bits must not pass.
#[test]
fn huge_growth_traps() {
    for pages in [-1, -2, i32::MIN, 65_535, 65_536] {
        let mut host = Host::of_text(TEXT, BUDGET);
        assert_eq!(grow(&mut host, pages), MEMORY, "{pages}");
    }
}

#[test]
fn growth_is_paid_before_it_happens() {
    let mut host = Host::of_text(TEXT, 1_000);
    assert_eq!(grow(&mut host, 1), FUEL);
    assert_eq!(host.physical_pages(), 2);
}

/// The host lowers the page count when it restores an instance.
#[test]
fn a_lowered_count_grows_into_the_physical_memory_first() {
    let mut host = Host::of_text(TEXT, BUDGET);
    assert_eq!(grow(&mut host, 6), Outcome::Done(vec![2]));
    host.set_i32("meter.memory_pages", 3);
    assert_eq!(host.call("size", &[]), Outcome::Done(vec![3]));
    assert_eq!(grow(&mut host, 4), Outcome::Done(vec![3]));
    assert_eq!(host.physical_pages(), 8);
    assert_eq!(grow(&mut host, 2), Outcome::Done(vec![7]));
    assert_eq!(host.physical_pages(), 9);
}

/// A count above the limit (a limit lowered later) must not let growth through.
#[test]
fn a_limit_below_the_count_refuses_all_growth() {
    let mut host = Host::of_text(TEXT, BUDGET);
    host.set_i32("meter.memory_pages_max", 1);
    assert_eq!(grow(&mut host, 1), MEMORY);
}

#[test]
fn the_declared_maximum_is_a_limit_too() {
    let text = TEXT.replace("(export \"memory\") 2)", "(export \"memory\") 2 4)");
    let mut host = Host::of_text(&text, BUDGET);
    assert_eq!(grow(&mut host, 2), Outcome::Done(vec![2]));
    assert_eq!(grow(&mut host, 1), MEMORY);
}
