//! The memory limit: `memory.size` and `memory.grow` on page counts that the host sets.

use wasm_encoder::{BlockType, Function, InstructionSink, ValType};

use crate::added::{Added, Trap};
use crate::fuel;
use crate::weights;

/// The most pages a 32-bit memory can have.
pub const PAGES_MAX: i32 = 65_536;

/// `memory.grow`, which never answers -1: it grows or it traps, so that no script can catch it. The
/// physical memory grows only when the page count passes it: the host may have lowered the count.
pub fn grow(added: &Added, has_memory: bool) -> Function {
    const PAGES: u32 = 0;
    const TOTAL: u32 = 1;
    const MISSING: u32 = 2;
    let mut function = Function::new([(2, ValType::I64)]);
    let mut code = function.instructions();
    if !has_memory {
        code.unreachable().end();
        return function;
    }
    code.local_get(PAGES)
        .i64_extend_i32_u()
        .i64_const(weights::GROW_PAGE as i64)
        .i64_mul();
    code.call(added.charge());
    code.global_get(added.pages()).i64_extend_i32_u();
    code.local_get(PAGES)
        .i64_extend_i32_u()
        .i64_add()
        .local_tee(TOTAL);
    code.global_get(added.pages_max())
        .i64_extend_i32_u()
        .i64_gt_u();
    code.if_(BlockType::Empty);
    fuel::trap(&mut code, added, Trap::Memory);
    code.end();
    code.local_get(TOTAL)
        .memory_size(0)
        .i64_extend_i32_u()
        .i64_sub()
        .local_tee(MISSING);
    code.i64_const(0).i64_gt_s().if_(BlockType::Empty);
    code.local_get(MISSING)
        .i32_wrap_i64()
        .memory_grow(0)
        .i32_const(-1)
        .i32_eq();
    code.if_(BlockType::Empty);
    fuel::trap(&mut code, added, Trap::Memory);
    code.end().end();
    code.global_get(added.pages());
    code.local_get(TOTAL)
        .i32_wrap_i64()
        .global_set(added.pages())
        .end();
    function
}

/// Writes `memory.size`.
pub fn size(code: &mut InstructionSink<'_>, added: &Added) {
    code.global_get(added.pages());
}
