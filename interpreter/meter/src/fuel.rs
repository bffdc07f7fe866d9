//! The fuel counter: the added functions that take from it, and the check at entries and loop
//! headers.
//!
//! Between checks the counter is never negative, so at a trap it is at most one charge below zero.

use wasm_encoder::{BlockType, Function, InstructionSink, ValType};

use crate::added::{Added, Trap};
use crate::code::Code;

/// Asks the host for fuel until the counter is not negative; a grant of 0 or less ends it.
pub fn refill(added: &Added) -> Function {
    let mut function = Function::new([(1, ValType::I64)]);
    let mut code = function.instructions();
    code.loop_(BlockType::Empty).call(added.refuel).local_tee(0);
    // The host may have set the counter itself meanwhile: read it after the call.
    code.global_get(added.fuel())
        .i64_add()
        .global_set(added.fuel());
    code.global_get(added.fuel()).i64_const(0).i64_ge_s();
    code.if_(BlockType::Empty).return_().end();
    code.local_get(0).i64_const(0).i64_gt_s().br_if(0).end();
    trap(&mut code, added, Trap::Fuel);
    code.end();
    function
}

/// The same for a counter kept in a local.
pub fn refill_local(added: &Added) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.local_get(0).global_set(added.fuel());
    code.call(added.refill()).global_get(added.fuel()).end();
    function
}

/// Takes any number of units. While the counter does not cover them, it takes all there is and one
/// more unit, and asks for fuel: so the sum is exact, and the counter never below -1.
pub fn charge(added: &Added) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.loop_(BlockType::Empty);
    code.global_get(added.fuel())
        .local_get(0)
        .i64_lt_s()
        .if_(BlockType::Empty);
    code.local_get(0)
        .global_get(added.fuel())
        .i64_sub()
        .i64_const(1)
        .i64_sub()
        .local_set(0);
    code.i64_const(-1).global_set(added.fuel());
    code.call(added.refill()).br(1).end().end();
    code.global_get(added.fuel())
        .local_get(0)
        .i64_sub()
        .global_set(added.fuel())
        .end();
    function
}

/// The same for a counter kept in a local.
pub fn charge_local(added: &Added) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.local_get(0).global_set(added.fuel());
    code.local_get(1)
        .call(added.charge())
        .global_get(added.fuel())
        .end();
    function
}

/// Writes a check that charges `units`. `counter` is the local for the counter, which holds it if
/// `held`, and is free otherwise.
pub fn check(code: &mut Code, added: &Added, units: u64, counter: u32, held: bool) {
    if held {
        compare(code, counter, units);
        code.unlikely_if();
        refill_for(code, added, counter, units);
        code.put().end();
        take(code, counter, units);
        return;
    }
    // Compared is the value in the local: reading the global again would be a load more.
    code.put()
        .global_get(added.fuel())
        .i64_const(units as i64)
        .i64_sub()
        .local_tee(counter)
        .global_set(added.fuel());
    code.put().local_get(counter).i64_const(0).i64_lt_s();
    code.unlikely_if().call(added.refill()).end();
}

/// Leaves on the stack whether the counter in a local does not cover `units`.
pub fn compare(code: &mut Code, counter: u32, units: u64) {
    code.put()
        .local_get(counter)
        .i64_const(units as i64)
        .i64_lt_s();
}

/// Takes units from the counter in a local, which covers them.
pub fn take(code: &mut Code, counter: u32, units: u64) {
    code.put()
        .local_get(counter)
        .i64_const(units as i64)
        .i64_sub()
        .local_set(counter);
}

/// Asks for fuel until the counter in a local covers `units`, without taking them.
pub fn refill_for(code: &mut Code, added: &Added, counter: u32, units: u64) {
    code.put()
        .local_get(counter)
        .i64_const(units as i64)
        .i64_sub()
        .call(added.refill_local());
    code.put()
        .i64_const(units as i64)
        .i64_add()
        .local_set(counter);
}

/// Reads the counter into the local that holds it from here on.
pub fn load(code: &mut Code, added: &Added, counter: u32) {
    code.put().global_get(added.fuel()).local_set(counter);
}

/// Writes the counter back.
pub fn store(code: &mut Code, added: &Added, counter: u32) {
    code.put().local_get(counter).global_set(added.fuel());
}

/// Sets the trap's reason and traps.
pub fn trap(code: &mut InstructionSink<'_>, added: &Added, reason: Trap) {
    code.i32_const(reason as i32)
        .global_set(added.trap())
        .unreachable();
}
