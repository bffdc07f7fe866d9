//! What each operator costs, in units of fuel.
//!
//! One unit is about the work of one plain operator in optimized machine code. The weights are
//! chosen so that a unit costs about the same CPU time whatever the script does; README.md says how
//! they were measured.

use wasmparser::Operator;

/// Calling a host function: leaving wasm, and what the least host function does.
pub const IMPORT_CALL: u64 = 500;

/// The most units that a function folded into its callers may add to each of their charges, whether
/// it is then called or not: how far one charge can run ahead of the work.
pub const FOLD_MAX: u64 = 100;

/// A `br_table` in a loop to at least so many places is a switch, each of whose arms is charged by
/// itself: where an interpreter runs its opcodes, the dearest says nothing of the others. In
/// smaller ones more checks cost more than they tell.
pub const ARMS_MIN: usize = 16;

/// The units for each byte of `memory.copy`, `memory.fill` and `memory.init`: between what copies
/// within the caches cost and what larger ones do, which is several times as much.
pub const BULK_BYTE: u64 = 1;

/// A bulk operation of a constant length up to this is charged in its region, like a plain
/// operator.
pub const BULK_STATIC_MAX: u32 = 256;

/// Each page of `memory.grow`: the kernel must fault in and zero 64 KiB.
pub const GROW_PAGE: u64 = 32_768;

/// The cost of an operator by itself: without the length of a bulk operation, and without the body
/// of a called function.
pub fn weight(operator: &Operator<'_>) -> u64 {
    use Operator as O;
    match operator {
        // They leave no machine code of their own.
        O::Nop | O::Drop | O::Block { .. } | O::Loop { .. } | O::End | O::Else => 0,
        O::Unreachable | O::Return => 0,
        O::I64Mul => 4,
        // Divisions take 10 to 40 cycles and do not overlap.
        O::I32DivS | O::I32DivU | O::I32RemS | O::I32RemU => 64,
        O::I64DivS | O::I64DivU | O::I64RemS | O::I64RemU => 128,
        O::F32Div | O::F64Div | O::F32Sqrt | O::F64Sqrt => 16,
        // Table bound, signature and instance are checked, and the jump is not predicted well.
        O::CallIndirect { .. } => 4,
        O::Call { .. } => 2,
        // They call out of the machine code, whatever the length.
        O::MemoryCopy { .. } | O::MemoryFill { .. } | O::MemoryInit { .. } => 10,
        O::MemoryGrow { .. } => 100,
        _ => 1,
    }
}
