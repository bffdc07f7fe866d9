//! Which pages of memory were written: each store notes its page, in a memory of its own, so that
//! whoever resets an instance need look at no other.

use wasm_encoder::{BlockType, Function, MemArg, ValType};

use crate::added::Added;
use crate::code::Code;

/// A page has this many bytes, as a power of two.
pub const PAGE_BITS: i32 = 12;

/// The size of the memory with the notes, in 64-KiB pages: a byte for each page of 4 GiB.
pub const NOTES_PAGES: u64 = 16;

/// The locals that the notes of a function need.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scratch {
    /// Three i32 locals.
    address: u32,
    /// One for a value of each other type that is needed.
    i64: u32,
    f32: u32,
    f64: u32,
    v128: u32,
}

impl Scratch {
    /// Adds locals behind those that a function has, for stores of these types whose address no
    /// local holds, and for bulk operations.
    pub fn add(
        locals: &mut Vec<(u32, ValType)>,
        first: u32,
        types: &[ValType],
        bulk: bool,
    ) -> Self {
        let mut scratch = Self::default();
        let mut next = first;
        let mut take = |count, ty| {
            locals.push((count, ty));
            next += count;
            next - count
        };
        if bulk || !types.is_empty() {
            scratch.address = take(3, ValType::I32);
        }
        for ty in [ValType::I64, ValType::F32, ValType::F64, ValType::V128] {
            if types.contains(&ty) {
                *scratch.of(ty) = take(1, ty);
            }
        }
        scratch
    }

    fn of(&mut self, ty: ValType) -> &mut u32 {
        match ty {
            ValType::F32 => &mut self.f32,
            ValType::F64 => &mut self.f64,
            ValType::V128 => &mut self.v128,
            _ => &mut self.i64,
        }
    }

    fn value(mut self, ty: ValType) -> u32 {
        match ty {
            ValType::I32 => self.address + 1,
            other => *self.of(other),
        }
    }
}

/// Writes a note of the page that `offset` behind the address in a local falls into.
pub fn note(code: &mut Code, notes: u32, address: u32, offset: u32) {
    code.put().local_get(address);
    if offset != 0 {
        code.put().i32_const(offset as i32).i32_add();
    }
    code.put().i32_const(PAGE_BITS).i32_shr_u().i32_const(1);
    code.put().i32_store8(noting(notes));
}

fn noting(notes: u32) -> MemArg {
    MemArg {
        offset: 0,
        align: 0,
        memory_index: notes,
    }
}

/// Keeps the address below a value on the stack in a local, which it names.
pub fn keep_address(code: &mut Code, scratch: Scratch, value: ValType) -> u32 {
    let kept = scratch.value(value);
    code.put()
        .local_set(kept)
        .local_tee(scratch.address)
        .local_get(kept);
    scratch.address
}

/// Writes the note of a bulk operation, before it: its address, what it takes and its length are on
/// the stack, and stay there.
pub fn bulk(code: &mut Code, added: &Added, scratch: Scratch) {
    let address = scratch.address;
    let (taken, length) = (address + 1, address + 2);
    code.put()
        .local_set(length)
        .local_set(taken)
        .local_tee(address);
    code.put().local_get(length).call(added.note_range());
    code.put()
        .local_get(address)
        .local_get(taken)
        .local_get(length);
}

/// `(address, length) -> ()`: notes the pages of a range. One that ends beyond 4 GiB traps here,
/// where the operation itself would have.
pub fn note_range(added: &Added) -> Function {
    const ADDRESS: u32 = 0;
    const LENGTH: u32 = 1;
    const FIRST: u32 = 2;
    const PAGES: u32 = 3;
    let mut function = Function::new([(2, ValType::I32)]);
    let mut code = function.instructions();
    let Some(notes) = added.notes else {
        code.unreachable().end();
        return function;
    };
    code.local_get(LENGTH)
        .i32_eqz()
        .if_(BlockType::Empty)
        .return_()
        .end();
    code.local_get(ADDRESS)
        .i32_const(PAGE_BITS)
        .i32_shr_u()
        .local_set(FIRST);
    code.local_get(ADDRESS)
        .i64_extend_i32_u()
        .local_get(LENGTH)
        .i64_extend_i32_u()
        .i64_add()
        .i64_const(1)
        .i64_sub();
    code.i64_const(i64::from(PAGE_BITS))
        .i64_shr_u()
        .i32_wrap_i64();
    code.local_get(FIRST).i32_sub().local_tee(PAGES);
    code.if_(BlockType::Empty);
    code.local_get(FIRST)
        .i32_const(1)
        .local_get(PAGES)
        .i32_const(1)
        .i32_add()
        .memory_fill(notes);
    code.else_();
    code.local_get(FIRST).i32_const(1).i32_store8(noting(notes));
    code.end().end();
    function
}
