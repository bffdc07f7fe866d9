//! What a store writes. Pure.

use wasm_encoder::ValType;
use wasmparser::{MemArg, Operator};

/// A store: the constant offset of what it writes from its address, how many bytes, and the type of
/// the value it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Store {
    /// Added to the address.
    pub offset: u32,
    /// At most 16.
    pub bytes: u32,
    /// The type of its value.
    pub value: ValType,
}

/// The store that an operator is, if it is one. Bulk operations are none.
pub fn store(operator: &Operator<'_>) -> Option<Store> {
    use Operator as O;
    let of = |memarg: &MemArg, bytes, value| {
        let offset = memarg.offset as u32;
        Some(Store {
            offset,
            bytes,
            value,
        })
    };
    match operator {
        O::I32Store { memarg } => of(memarg, 4, ValType::I32),
        O::I32Store8 { memarg } => of(memarg, 1, ValType::I32),
        O::I32Store16 { memarg } => of(memarg, 2, ValType::I32),
        O::I64Store { memarg } => of(memarg, 8, ValType::I64),
        O::I64Store8 { memarg } => of(memarg, 1, ValType::I64),
        O::I64Store16 { memarg } => of(memarg, 2, ValType::I64),
        O::I64Store32 { memarg } => of(memarg, 4, ValType::I64),
        O::F32Store { memarg } => of(memarg, 4, ValType::F32),
        O::F64Store { memarg } => of(memarg, 8, ValType::F64),
        O::V128Store { memarg } => of(memarg, 16, ValType::V128),
        O::V128Store8Lane { memarg, .. } => of(memarg, 1, ValType::V128),
        O::V128Store16Lane { memarg, .. } => of(memarg, 2, ValType::V128),
        O::V128Store32Lane { memarg, .. } => of(memarg, 4, ValType::V128),
        O::V128Store64Lane { memarg, .. } => of(memarg, 8, ValType::V128),
        _ => None,
    }
}

/// Whether an operator writes as many bytes as it is told when it runs.
pub fn is_bulk(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::MemoryCopy { .. } | Operator::MemoryFill { .. } | Operator::MemoryInit { .. }
    )
}
