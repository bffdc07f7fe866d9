//! What the meter adds to a module, and the index each added thing gets.

use wasm_encoder::{
    ConstExpr, ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType,
    MemorySection, MemoryType, TypeSection, ValType,
};

use crate::Notes;
use crate::clones::Clones;
use crate::module::Module;
use crate::refuse::ShadowStack;
use crate::renumber::Renumber;
use crate::{fuel, memory, stack, written};

/// The import the meter adds, by module and name.
pub const REFUEL: (&str, &str) = ("sandbox", "refuel");

/// What the names of all added exports start with.
pub const PREFIX: &str = "meter.";

/// The lowest address the shadow stack may reach, in bytes. Leaf functions write up to 128 bytes
/// below the pointer without lowering it (LLVM's red zone), and code reads small offsets from null
/// pointers: neither may meet live stack.
pub const STACK_LOW: u32 = 1024;

/// Why a metered module trapped, as `meter.trap` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Trap {
    /// The fuel is spent and the host granted no more.
    Fuel = 1,
    /// The memory limit is reached, or the host has no more memory.
    Memory = 2,
    /// The shadow stack is used up.
    Stack = 3,
}

/// The indices of everything added, in the metered module.
#[derive(Debug, Clone, Copy)]
pub struct Added {
    first_type: u32,
    first_function: u32,
    first_global: u32,
    /// The import `sandbox.refuel`.
    pub refuel: u32,
    /// The memory in which the written pages are noted, if they are.
    pub notes: Option<u32>,
    /// The clones, which there are where there are notes.
    pub clones: Option<Clones>,
    /// The shadow stack.
    pub stack: ShadowStack,
}

/// How many functions are added, clones apart.
const FUNCTIONS: usize = 7;

/// The place of `meter.unnoted` among the added globals.
const UNNOTED: u32 = 7;

/// The types added: what each takes and returns.
const TYPES: [(&[ValType], &[ValType]); 8] = [
    (&[], &[ValType::I64]),
    (&[], &[]),
    (&[ValType::I64], &[ValType::I64]),
    (&[ValType::I64, ValType::I64], &[ValType::I64]),
    (&[ValType::I32], &[ValType::I32]),
    (&[ValType::I64], &[]),
    (&[ValType::I32], &[]),
    (&[ValType::I32, ValType::I32], &[]),
];

impl Added {
    /// Places everything behind what the module has. Only the import shifts others: every defined
    /// function moves up by one.
    pub fn new(module: &Module<'_>, stack: ShadowStack, notes: Notes) -> Self {
        let notes = (notes == Notes::Kept && module.memory.is_some()).then_some(1);
        let tables = module.sections.tables.as_ref();
        let clones = Clones {
            behind: (module.bodies.len() + FUNCTIONS) as u32,
            tables: tables.map_or(0, |tables| tables.count()),
            unnoted: module.globals.len() as u32 + UNNOTED,
        };
        Self {
            first_type: module.types,
            first_function: module.functions() + 1,
            first_global: module.globals.len() as u32,
            refuel: module.imported_functions,
            notes,
            clones: notes.map(|_| clones),
            stack,
        }
    }

    /// What a module's parts are written again with.
    pub fn renumber(&self, module: &Module<'_>) -> Renumber {
        Renumber {
            first_defined: module.imported_functions,
            functions: 1,
            tables: self.clones.map_or(0, |clones| clones.tables),
        }
    }

    /// What they are written again with for clones.
    pub fn renumber_to_clones(&self, module: &Module<'_>) -> Option<Renumber> {
        self.clones.map(|clones| Renumber {
            first_defined: module.imported_functions,
            functions: 1 + clones.behind,
            tables: 0,
        })
    }

    /// The type of `sandbox.refuel`.
    pub fn refuel_type(&self) -> u32 {
        self.first_type
    }

    /// `() -> ()`: asks the host for fuel until the counter is not negative.
    pub fn refill(&self) -> u32 {
        self.first_function
    }

    /// `(counter) -> counter`: the same for a counter kept in a local.
    pub fn refill_local(&self) -> u32 {
        self.first_function + 1
    }

    /// `(units) -> ()`: takes that many units.
    pub fn charge(&self) -> u32 {
        self.first_function + 2
    }

    /// `(counter, units) -> counter`: the same for a counter kept in a local.
    pub fn charge_local(&self) -> u32 {
        self.first_function + 3
    }

    /// `(pages) -> pages before`: `memory.grow`.
    pub fn grow(&self) -> u32 {
        self.first_function + 4
    }

    /// `(new stack pointer) -> ()`: notes how deep the stack is now, or traps: it is used up.
    pub fn deepen(&self) -> u32 {
        self.first_function + 5
    }

    /// `(address, length) -> ()`: notes that the pages of a range are written.
    pub fn note_range(&self) -> u32 {
        self.first_function + 6
    }

    /// The global `meter.fuel`.
    pub fn fuel(&self) -> u32 {
        self.first_global
    }

    /// The global `meter.trap`.
    pub fn trap(&self) -> u32 {
        self.first_global + 1
    }

    /// The global `meter.memory_pages`.
    pub fn pages(&self) -> u32 {
        self.first_global + 2
    }

    /// The global `meter.memory_pages_max`.
    pub fn pages_max(&self) -> u32 {
        self.first_global + 3
    }

    /// The global `meter.stack_low`.
    pub fn stack_low(&self) -> u32 {
        self.first_global + 4
    }

    /// The global `meter.stack_lowest`.
    pub fn stack_lowest(&self) -> u32 {
        self.first_global + 6
    }

    /// Adds the types.
    pub fn add_types(&self, section: &mut TypeSection) {
        for (parameters, results) in TYPES {
            section
                .ty()
                .function(parameters.iter().copied(), results.iter().copied());
        }
    }

    /// Adds the functions' types, in the order of their indices.
    pub fn add_functions(&self, section: &mut FunctionSection) {
        for ty in [1, 2, 5, 3, 4, 6, 7] {
            section.function(self.first_type + ty);
        }
    }

    /// The functions' bodies, in the order of their indices.
    pub fn bodies(&self, has_memory: bool) -> [Function; FUNCTIONS] {
        [
            fuel::refill(self),
            fuel::refill_local(self),
            fuel::charge(self),
            fuel::charge_local(self),
            memory::grow(self, has_memory),
            stack::deepen(self),
            written::note_range(self),
        ]
    }

    /// Adds the memory with the notes, behind the module's own.
    pub fn add_memory(&self, section: &mut MemorySection) {
        if self.notes.is_none() {
            return;
        }
        section.memory(MemoryType {
            minimum: written::NOTES_PAGES,
            maximum: Some(written::NOTES_PAGES),
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
    }

    /// Adds the globals. The fuel is 0, so that nothing runs before the host grants.
    pub fn add_globals(&self, section: &mut GlobalSection, module: &Module<'_>) {
        let pages = module.memory.map_or(0, |memory| memory.initial as i32);
        let mut add = |mutable, val_type, value: ConstExpr| {
            section.global(
                GlobalType {
                    val_type,
                    mutable,
                    shared: false,
                },
                &value,
            );
        };
        add(true, ValType::I64, ConstExpr::i64_const(0));
        add(true, ValType::I32, ConstExpr::i32_const(0));
        add(true, ValType::I32, ConstExpr::i32_const(pages));
        add(true, ValType::I32, ConstExpr::i32_const(memory::PAGES_MAX));
        add(true, ValType::I32, ConstExpr::i32_const(STACK_LOW as i32));
        add(
            false,
            ValType::I32,
            ConstExpr::i32_const(self.stack.high as i32),
        );
        add(
            true,
            ValType::I32,
            ConstExpr::i32_const(self.stack.high as i32),
        );
        if self.clones.is_some() {
            add(true, ValType::I32, ConstExpr::i32_const(0));
        }
    }

    /// Exports the added globals, and every mutable global of the module under its index.
    pub fn add_exports(&self, section: &mut ExportSection, module: &Module<'_>) {
        let names = [
            "fuel",
            "trap",
            "memory_pages",
            "memory_pages_max",
            "stack_low",
            "stack_high",
            "stack_lowest",
        ];
        for (name, index) in names.iter().zip(self.first_global..) {
            section.export(&format!("{PREFIX}{name}"), ExportKind::Global, index);
        }
        if let Some(notes) = self.notes {
            section.export(&format!("{PREFIX}written"), ExportKind::Memory, notes);
        }
        if let Some(clones) = self.clones {
            let name = format!("{PREFIX}unnoted");
            section.export(&name, ExportKind::Global, clones.unnoted);
        }
        for (global, index) in module.globals.iter().zip(0..) {
            if global.mutable {
                section.export(
                    &format!("{PREFIX}global.{index}"),
                    ExportKind::Global,
                    index,
                );
            }
        }
    }
}
