//! What is refused: all whose work, memory or state could not be accounted for.

use wasmparser::{DataKind, ExternalKind, Operator, TypeRef, ValType, Validator, WasmFeatures};

use crate::added;
use crate::error::{MeterError, Place, Result, refuse};
use crate::module::Module;

/// The proposals the meter knows. What is not named here is refused: threads, garbage collection,
/// exceptions, tail calls, 64-bit memories, relaxed SIMD (not deterministic) … What the meter
/// writes has two memories; a module that has them already is refused by [`check_sections`].
pub const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::SIMD)
    .union(WasmFeatures::FLOATS)
    .union(WasmFeatures::GC_TYPES)
    .union(WasmFeatures::MULTI_MEMORY)
    .union(WasmFeatures::EXTENDED_CONST);

/// Checks that `bytes` are a valid module of nothing but [`FEATURES`].
pub fn validate(bytes: &[u8]) -> Result<()> {
    Validator::new_with_features(FEATURES).validate_all(bytes)?;
    Ok(())
}

/// Checks what the meter wrote. A failure is a defect of the meter.
pub fn validate_metered(bytes: &[u8]) -> Result<()> {
    match Validator::new_with_features(FEATURES).validate_all(bytes) {
        Ok(_) => Ok(()),
        Err(error) => Err(MeterError::Broken {
            reason: error.message().to_owned(),
            offset: error.offset(),
        }),
    }
}

/// Refuses what is valid but cannot be metered, but for the code and the stack.
pub fn check_sections(module: &Module<'_>) -> Result<()> {
    for import in module
        .sections
        .imports
        .clone()
        .into_iter()
        .flat_map(|s| s.into_imports())
    {
        let import = import?;
        let place = || Place::Import(import.module.to_owned(), import.name.to_owned());
        if !matches!(import.ty, TypeRef::Func(_)) {
            return refuse("an import that is no function", place());
        }
        if (import.module, import.name) == added::REFUEL {
            return refuse("the meter's own import: is it metered already?", place());
        }
    }
    let memories = module.sections.memories.as_ref();
    if memories.is_some_and(|section| section.count() > 1) {
        return refuse("more than one memory", Place::Module);
    }
    for export in module.sections.exports.clone().into_iter().flatten() {
        let name = export?.name;
        if name.starts_with(added::PREFIX) {
            let place = Place::Export(name.to_owned());
            return refuse("a name the meter exports: is it metered already?", place);
        }
    }
    for (index, global) in module.globals.iter().enumerate() {
        let numeric = matches!(
            global.content_type,
            ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64
        );
        if global.mutable && !numeric {
            let what = "a mutable global that the host cannot save and restore as a number";
            return refuse(what, Place::Global(index as u32));
        }
    }
    Ok(())
}

/// Refuses operators that change state which the host can neither see nor restore: tables, and
/// whether a segment has been dropped.
pub fn check_operator(operator: &Operator<'_>, function: u32, position: usize) -> Result<()> {
    let what = match operator {
        Operator::TableSet { .. } => "table.set",
        Operator::TableGrow { .. } => "table.grow",
        Operator::TableFill { .. } => "table.fill",
        Operator::TableCopy { .. } => "table.copy",
        Operator::TableInit { .. } => "table.init",
        Operator::ElemDrop { .. } => "elem.drop",
        Operator::DataDrop { .. } => "data.drop",
        _ => return Ok(()),
    };
    refuse(what, Place::Operator { function, position })
}

/// The shadow stack: where its pointer lies and starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShadowStack {
    /// The index of the stack pointer's global.
    pub pointer: u32,
    /// The pointer's initial value: the stack's highest address.
    pub high: u32,
}

/// Finds the shadow stack by its export, and refuses a module whose stack does not lie at the
/// bottom of memory, below all data: there a stack too deep would write over data before any check.
pub fn find_stack(module: &Module<'_>) -> Result<ShadowStack> {
    let mut pointer = None;
    for export in module.sections.exports.clone().into_iter().flatten() {
        let export = export?;
        if export.name == "__stack_pointer" && export.kind == ExternalKind::Global {
            pointer = Some(export.index);
        }
    }
    let Some(pointer) = pointer else {
        return refuse("no global is exported as __stack_pointer", Place::Module);
    };
    let place = Place::Global(pointer);
    let ty = module.globals[pointer as usize];
    if ty.content_type != ValType::I32 || !ty.mutable {
        return refuse("__stack_pointer must be a mutable i32", place);
    }
    let mut globals = module.sections.globals.clone().into_iter().flatten();
    let initial = match globals.nth(pointer as usize) {
        Some(global) => constant(&global?.init_expr),
        None => None,
    };
    let Some(high) = initial else {
        return refuse("__stack_pointer's initial value must be a constant", place);
    };
    let memory_bytes = module
        .memory
        .map_or(0, |memory| memory.initial.saturating_mul(65_536));
    if high <= added::STACK_LOW || u64::from(high) > memory_bytes {
        return refuse("__stack_pointer starts outside the memory", place);
    }
    check_data(module, high)?;
    Ok(ShadowStack { pointer, high })
}

fn check_data(module: &Module<'_>, stack_high: u32) -> Result<()> {
    for (index, data) in module
        .sections
        .data
        .clone()
        .into_iter()
        .flatten()
        .enumerate()
    {
        let DataKind::Active { offset_expr, .. } = data?.kind else {
            continue;
        };
        let place = Place::Data(index as u32);
        match constant(&offset_expr) {
            None => return refuse("a data segment's offset must be a constant", place),
            Some(offset) if offset < stack_high => {
                return refuse("data below the stack's top: link with --stack-first", place);
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn constant(expression: &wasmparser::ConstExpr<'_>) -> Option<u32> {
    let mut operators = expression.get_operators_reader().into_iter();
    match (operators.next()?.ok()?, operators.next()?.ok()?) {
        (Operator::I32Const { value }, Operator::End) => Some(value as u32),
        _ => None,
    }
}
