//! The shadow stack's limit: every lowering of the stack pointer is checked, and the deepest noted.

use wasm_encoder::{BlockType, Function, ValType};

use crate::added::{Added, Trap};
use crate::code::Code;
use crate::frames::Setting;
use crate::fuel;

/// `meter.stack_lowest` falls by as much at least, so that deep recursion seldom stops for it.
const STEP: i32 = 4096;

/// Notes that the stack is deeper than it ever was, or traps because it is used up.
pub fn deepen(added: &Added) -> Function {
    const POINTER: u32 = 0;
    const USED: u32 = 1;
    const MOST: u32 = 2;
    let mut function = Function::new([(2, ValType::I32)]);
    let mut code = function.instructions();
    code.i32_const(added.stack.high as i32)
        .global_get(added.stack_low())
        .i32_sub()
        .local_set(MOST);
    code.i32_const(added.stack.high as i32)
        .local_get(POINTER)
        .i32_sub()
        .local_tee(USED);
    code.local_get(MOST).i32_gt_u().if_(BlockType::Empty);
    fuel::trap(&mut code, added, Trap::Stack);
    code.end();
    // Rounded up, but never beyond the stack: the check compares with this alone.
    code.local_get(USED).i32_const(STEP - 1).i32_add();
    code.i32_const(-STEP).i32_and().local_tee(USED);
    code.local_get(MOST).local_get(USED).local_get(MOST);
    code.i32_lt_u().select().local_set(USED);
    code.i32_const(added.stack.high as i32)
        .local_get(USED)
        .i32_sub()
        .global_set(added.stack_lowest())
        .end();
    function
}

/// Writes the check of the new stack pointer on top of the stack, which stays there. `setting` is
/// what is known of it, `scratch` a free i32 local; `counter` is the local that holds the fuel
/// counter, if one does.
pub fn check(code: &mut Code, added: &Added, setting: Setting, scratch: u32, counter: Option<u32>) {
    if setting == Setting::GivesBack {
        return;
    }
    let mut sink = code.put();
    sink.local_tee(scratch);
    match setting {
        Setting::Lowers => {
            sink.local_get(scratch)
                .global_get(added.stack_lowest())
                .i32_lt_s();
        }
        // One unsigned comparison finds it deeper than ever and, wrapped around, above the stack.
        _ => {
            let high = added.stack.high as i32;
            sink.i32_const(high).local_get(scratch).i32_sub();
            sink.i32_const(high)
                .global_get(added.stack_lowest())
                .i32_sub()
                .i32_gt_u();
        }
    }
    code.unlikely_if();
    if let Some(counter) = counter {
        fuel::store(code, added, counter);
    }
    code.put().local_get(scratch).call(added.deepen()).end();
}
