//! Bulk operations: charged by their length, before they run.

use wasm_encoder::InstructionSink;
use wasmparser::Operator;

use crate::added::Added;
use crate::weights::{BULK_BYTE, BULK_STATIC_MAX};

/// How the length of a bulk operation is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// A small constant: these units join the region's charge.
    Static(u64),
    /// Known when it runs: charged just before.
    Dynamic,
}

/// How to charge the length of `operators[position]`, if it is a bulk operation.
pub fn length(operators: &[Operator<'_>], position: usize) -> Option<Length> {
    let bulk = matches!(
        operators[position],
        Operator::MemoryCopy { .. } | Operator::MemoryFill { .. } | Operator::MemoryInit { .. }
    );
    if !bulk {
        return None;
    }
    // The length is on top of the stack: a constant just before is the length.
    match position.checked_sub(1).map(|before| &operators[before]) {
        Some(Operator::I32Const { value }) if (*value as u32) <= BULK_STATIC_MAX => {
            Some(Length::Static(u64::from(*value as u32) * BULK_BYTE))
        }
        _ => Some(Length::Dynamic),
    }
}

/// Writes the charge for the length on top of the stack, which stays there. `scratch` is a free i32
/// local; `counter` is the local that holds the fuel counter, if one does.
pub fn charge(code: &mut InstructionSink<'_>, added: &Added, scratch: u32, counter: Option<u32>) {
    code.local_tee(scratch);
    if let Some(counter) = counter {
        code.local_get(counter);
    }
    code.local_get(scratch)
        .i64_extend_i32_u()
        .i64_const(BULK_BYTE as i64)
        .i64_mul();
    match counter {
        Some(counter) => code.call(added.charge_local()).local_set(counter),
        None => code.call(added.charge()),
    };
}
