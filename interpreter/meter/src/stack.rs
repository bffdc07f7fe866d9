//! The shadow stack's limit: every lowering of the stack pointer is checked.

use wasm_encoder::Function;

use crate::added::{Added, STACK_LOW, Trap};
use crate::code::Code;
use crate::fuel;

/// Traps because the stack is used up.
pub fn overflow(added: &Added) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    fuel::trap(&mut code, added, Trap::Stack);
    code.end();
    function
}

/// Writes the check of the new stack pointer on top of the stack, which stays there. One unsigned
/// comparison finds it below the stack and, wrapped around, above. `scratch` is a free i32 local;
/// `counter` is the local that holds the fuel counter, if one does.
pub fn check(code: &mut Code, added: &Added, scratch: u32, counter: Option<u32>) {
    code.put().local_tee(scratch).local_get(scratch);
    code.put().i32_const(STACK_LOW as i32).i32_sub();
    code.put()
        .i32_const((added.stack.high - STACK_LOW) as i32)
        .i32_gt_u();
    code.unlikely_if();
    if let Some(counter) = counter {
        fuel::store(code, added, counter);
    }
    code.put().call(added.overflow()).end();
}
