//! Writes the metered module, section by section.

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{
    BranchHints, CodeSection, DataCountSection, DataSection, ElementSection, EntityType,
    ExportSection, FunctionSection, GlobalSection, ImportSection, MemorySection, Module as Encoder,
    StartSection, TableSection, TypeSection,
};

use crate::added::{Added, REFUEL};
use crate::error::Result;
use crate::module::Module;
use crate::renumber::Renumber;
use crate::rewrite::Metered;

/// Writes the module with what is added, its metered function bodies and their clones. Of the
/// input's custom sections only the names are kept.
pub fn assemble(
    module: &Module<'_>,
    added: &Added,
    functions: Vec<Metered>,
    clones: Vec<Metered>,
) -> Result<Vec<u8>> {
    let mut renumber = added.renumber(module);
    let mut encoder = Encoder::new();
    write_interface(module, added, &mut renumber, &mut encoder)?;
    write_state(module, added, &mut renumber, &mut encoder)?;
    write_code(module, added, functions, clones, &mut encoder);
    if let Some(section) = module.sections.data.clone() {
        let mut data = DataSection::new();
        renumber.parse_data_section(&mut data, section)?;
        encoder.section(&data);
    }
    if let Some(names) = module.sections.names.clone() {
        encoder.section(&renumber.custom_name_section(names)?);
    }
    Ok(encoder.finish())
}

/// The bodies, in the order of their functions' indices, and the hints for their branches.
fn write_code(
    module: &Module<'_>,
    added: &Added,
    functions: Vec<Metered>,
    clones: Vec<Metered>,
    encoder: &mut Encoder,
) {
    let mut code = CodeSection::new();
    let mut hints = BranchHints::new();
    let mut write = |bodies: Vec<Metered>, first: u32, code: &mut CodeSection| {
        for (body, index) in bodies.into_iter().zip(first..) {
            code.function(&body.function);
            if !body.hints.is_empty() {
                hints.function_hints(index, body.hints);
            }
        }
    };
    let first = added.refuel + 1;
    write(functions, first, &mut code);
    for body in added.bodies(module.memory.is_some()) {
        code.function(&body);
    }
    let behind = added.clones.map_or(0, |clones| clones.behind);
    write(clones, first + behind, &mut code);
    encoder.section(&hints);
    encoder.section(&code);
}

/// Types, imports and functions.
fn write_interface(
    module: &Module<'_>,
    added: &Added,
    renumber: &mut Renumber,
    encoder: &mut Encoder,
) -> Result<()> {
    let mut types = TypeSection::new();
    if let Some(section) = module.sections.types.clone() {
        renumber.parse_type_section(&mut types, section)?;
    }
    added.add_types(&mut types);
    encoder.section(&types);

    let mut imports = ImportSection::new();
    if let Some(section) = module.sections.imports.clone() {
        renumber.parse_import_section(&mut imports, section)?;
    }
    imports.import(
        REFUEL.0,
        REFUEL.1,
        EntityType::Function(added.refuel_type()),
    );
    encoder.section(&imports);

    let mut functions = FunctionSection::new();
    if let Some(section) = module.sections.functions.clone() {
        renumber.parse_function_section(&mut functions, section)?;
    }
    added.add_functions(&mut functions);
    if let (Some(section), Some(mut to_clones)) = (
        module.sections.functions.clone(),
        added.renumber_to_clones(module),
    ) {
        to_clones.parse_function_section(&mut functions, section)?;
    }
    encoder.section(&functions);
    Ok(())
}

/// Tables, memory, globals, exports, start and elements.
fn write_state(
    module: &Module<'_>,
    added: &Added,
    renumber: &mut Renumber,
    encoder: &mut Encoder,
) -> Result<()> {
    let sections = &module.sections;
    if let Some(section) = sections.tables.clone() {
        let mut tables = TableSection::new();
        if let Some(mut to_clones) = added.renumber_to_clones(module) {
            to_clones.parse_table_section(&mut tables, section.clone())?;
        }
        renumber.parse_table_section(&mut tables, section)?;
        encoder.section(&tables);
    }
    if let Some(section) = sections.memories.clone() {
        let mut memories = MemorySection::new();
        renumber.parse_memory_section(&mut memories, section)?;
        added.add_memory(&mut memories);
        encoder.section(&memories);
    }
    let mut globals = GlobalSection::new();
    if let Some(section) = sections.globals.clone() {
        renumber.parse_global_section(&mut globals, section)?;
    }
    added.add_globals(&mut globals, module);
    encoder.section(&globals);

    let mut exports = ExportSection::new();
    if let Some(section) = sections.exports.clone() {
        renumber.parse_export_section(&mut exports, section)?;
    }
    added.add_exports(&mut exports, module);
    encoder.section(&exports);

    if let Some(start) = sections.start {
        let function_index = renumber.function_index(start)?;
        encoder.section(&StartSection { function_index });
    }
    if let Some(section) = sections.elements.clone() {
        let mut elements = ElementSection::new();
        renumber.parse_element_section(&mut elements, section.clone())?;
        if let Some(mut to_clones) = added.renumber_to_clones(module) {
            to_clones.parse_element_section(&mut elements, section)?;
        }
        encoder.section(&elements);
    }
    if let Some(count) = sections.data_count {
        encoder.section(&DataCountSection { count });
    }
    Ok(())
}
