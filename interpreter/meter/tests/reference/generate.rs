//! Random modules the meter accepts, from wasm-smith and a seed.

use arbitrary::Unstructured;
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    ConstExpr, ExportKind, ExportSection, GlobalSection, GlobalType, MemorySection, MemoryType,
    Module, ValType,
};
use wasm_smith::{Config, InstructionKind, InstructionKinds};

const STACK_HIGH: i32 = 65_536;

/// A random module: no imports, a memory of two pages, a shadow stack that nothing uses.
pub fn generate(seed: u64) -> Option<Vec<u8>> {
    let config = Config {
        min_memories: 1,
        min_globals: 1,
        min_funcs: 3,
        max_funcs: 12,
        min_exports: 4,
        max_exports: 6,
        max_imports: 0,
        max_tags: 0,
        max_data_segments: 0,
        max_instructions: 400,
        max_tables: 1,
        max_table_elements: 20,
        allow_start_export: false,
        disallow_traps: !seed.is_multiple_of(3),
        allowed_instructions: InstructionKinds::new(&[
            InstructionKind::Numeric,
            InstructionKind::Parametric,
            InstructionKind::Variable,
            InstructionKind::Memory,
            InstructionKind::Control,
        ]),
        exceptions_enabled: false,
        gc_enabled: false,
        memory64_enabled: false,
        relaxed_simd_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        custom_page_sizes_enabled: false,
        ..Config::default()
    };
    let bytes = noise(seed, 20_000);
    let module = wasm_smith::Module::new(config, &mut Unstructured::new(&bytes)).ok()?;
    let mut prepared = Module::new();
    let parser = wasmparser::Parser::new(0);
    Prepare { globals: 0 }
        .parse_core_module(&mut prepared, parser, &module.to_bytes())
        .ok()?;
    Some(prepared.finish())
}

/// Random bytes (the splitmix64 generator).
fn noise(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let word = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    };
    std::iter::repeat_with(word)
        .flat_map(u64::to_le_bytes)
        .take(count)
        .collect()
}

/// Gives a module the memory and the stack pointer the meter asks for.
struct Prepare {
    globals: u32,
}

impl Reencode for Prepare {
    type Error = Infallible;

    fn parse_memory_section(
        &mut self,
        memories: &mut MemorySection,
        _: wasmparser::MemorySectionReader<'_>,
    ) -> Result<(), Error> {
        let (minimum, maximum) = (2, Some(20));
        let page_size_log2 = None;
        memories.memory(MemoryType {
            minimum,
            maximum,
            memory64: false,
            shared: false,
            page_size_log2,
        });
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), Error> {
        self.globals = section.count();
        wasm_encoder::reencode::utils::parse_global_section(self, globals, section)?;
        let ty = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        globals.global(ty, &ConstExpr::i32_const(STACK_HIGH));
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Error> {
        wasm_encoder::reencode::utils::parse_export_section(self, exports, section)?;
        exports.export("__stack_pointer", ExportKind::Global, self.globals);
        exports.export("paddock_memory", ExportKind::Memory, 0);
        Ok(())
    }
}
