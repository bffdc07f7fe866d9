//! A module taken apart: its sections as they came, and the facts the pass needs about them.

use std::collections::{HashMap, HashSet};

use wasmparser::{
    ConstExpr, DataSectionReader, ElementItems, ElementSectionReader, ExportSectionReader,
    ExternalKind, FuncToValidate, FunctionBody, FunctionSectionReader, GlobalSectionReader,
    ImportSectionReader, MemorySectionReader, NameSectionReader, Operator, Parser, Payload,
    TableSectionReader, TypeRef, TypeSectionReader, ValidPayload, Validator, ValidatorResources,
    WasmModuleResources,
};

use crate::error::Result;
use crate::refuse::FEATURES;

/// The sections of a valid module, and what the pass must know of them.
#[derive(Default)]
pub struct Module<'a> {
    /// The sections, each as it came.
    pub sections: Sections<'a>,
    /// The function bodies, in order.
    pub bodies: Vec<FunctionBody<'a>>,
    /// How many parameters each defined function takes, in order.
    pub parameters: Vec<u32>,
    /// How many functions are imported.
    pub imported_functions: u32,
    /// How many types there are.
    pub types: u32,
    /// The type and mutability of each global.
    pub globals: Vec<wasmparser::GlobalType>,
    /// The memory, if there is one.
    pub memory: Option<wasmparser::MemoryType>,
    /// The type of each defined function, in order.
    pub function_types: Vec<u32>,
    /// For each type, the first that is equal to it.
    pub same_types: Vec<u32>,
    /// Functions that can be called otherwise than by `call` and `call_indirect`: exported, held by
    /// a global, or the start function. By index.
    pub entered_from_outside: HashSet<u32>,
    /// Functions that a table may hold. By index.
    pub in_table: HashSet<u32>,
    /// Whether the host can call what is in a table.
    pub exports_table: bool,
    /// What each function body is checked against, in order.
    checked: Vec<(u32, ValidatorResources)>,
}

/// The operands of a function body, by operator.
pub struct Operands {
    /// How many there are before each.
    pub heights: Vec<u32>,
    /// How many results each call has, 0 for other operators.
    pub results: Vec<u32>,
}

/// The sections of a module that are written again.
#[derive(Default)]
pub struct Sections<'a> {
    pub types: Option<TypeSectionReader<'a>>,
    pub imports: Option<ImportSectionReader<'a>>,
    pub functions: Option<FunctionSectionReader<'a>>,
    pub tables: Option<TableSectionReader<'a>>,
    pub memories: Option<MemorySectionReader<'a>>,
    pub globals: Option<GlobalSectionReader<'a>>,
    pub exports: Option<ExportSectionReader<'a>>,
    pub start: Option<u32>,
    pub elements: Option<ElementSectionReader<'a>>,
    pub data_count: Option<u32>,
    pub data: Option<DataSectionReader<'a>>,
    pub names: Option<NameSectionReader<'a>>,
}

impl<'a> Module<'a> {
    /// Takes a module apart. `bytes` must have passed validation.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let mut module = Self::default();
        let mut validator = Validator::new_with_features(FEATURES);
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            if let ValidPayload::Func(function, _) = validator.payload(&payload)? {
                module.checked.push((function.ty, function.resources));
            }
            module.keep(payload)?;
        }
        module.read_types_and_imports()?;
        module.read_globals_and_memory()?;
        module.find_entered_from_outside()?;
        Ok(module)
    }

    /// How many functions there are, the imported ones included.
    pub fn functions(&self) -> u32 {
        self.imported_functions + self.bodies.len() as u32
    }

    /// The type of a defined function, the first of those equal to it.
    pub fn type_of(&self, function: u32) -> u32 {
        let ty = self.function_types[(function - self.imported_functions) as usize];
        self.same_types[ty as usize]
    }

    /// The operators of a defined function, its last `end` included.
    pub fn operators(&self, body: usize) -> Result<Vec<Operator<'a>>> {
        let operators = self.bodies[body].get_operators_reader()?.into_iter();
        Ok(operators.collect::<std::result::Result<_, _>>()?)
    }

    /// The operands of a defined function.
    pub fn operands(&self, body: usize) -> Result<Operands> {
        let (ty, resources) = self.checked[body].clone();
        let function = FuncToValidate {
            index: self.imported_functions + body as u32,
            features: FEATURES,
            ty,
            resources,
        };
        let mut validator = function.into_validator(Default::default());
        let mut reader = self.bodies[body].get_operators_reader()?;
        for group in self.bodies[body].get_locals_reader()? {
            let (count, ty) = group?;
            validator.define_locals(0, count, ty)?;
        }
        let mut operands = Operands {
            heights: Vec::new(),
            results: Vec::new(),
        };
        while !reader.eof() {
            let offset = reader.original_position();
            let operator = reader.read()?;
            operands.heights.push(validator.operand_stack_height());
            operands
                .results
                .push(results(validator.resources(), &operator));
            validator.op(offset, &operator)?;
        }
        Ok(operands)
    }

    fn keep(&mut self, payload: Payload<'a>) -> Result<()> {
        let sections = &mut self.sections;
        match payload {
            Payload::TypeSection(section) => sections.types = Some(section),
            Payload::ImportSection(section) => sections.imports = Some(section),
            Payload::FunctionSection(section) => sections.functions = Some(section),
            Payload::TableSection(section) => sections.tables = Some(section),
            Payload::MemorySection(section) => sections.memories = Some(section),
            Payload::GlobalSection(section) => sections.globals = Some(section),
            Payload::ExportSection(section) => sections.exports = Some(section),
            Payload::StartSection { func, .. } => sections.start = Some(func),
            Payload::ElementSection(section) => sections.elements = Some(section),
            Payload::DataCountSection { count, .. } => sections.data_count = Some(count),
            Payload::DataSection(section) => sections.data = Some(section),
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::CustomSection(section) => {
                if let wasmparser::KnownCustom::Name(names) = section.as_known() {
                    sections.names = Some(names);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn read_types_and_imports(&mut self) -> Result<()> {
        let mut parameters_of = Vec::new();
        let mut first = HashMap::new();
        for group in self.sections.types.clone().into_iter().flatten() {
            for ty in group?.into_types() {
                let (index, ty) = (parameters_of.len() as u32, ty.unwrap_func());
                parameters_of.push(ty.params().len() as u32);
                self.same_types
                    .push(*first.entry(ty.clone()).or_insert(index));
            }
        }
        self.types = parameters_of.len() as u32;
        for import in self
            .sections
            .imports
            .clone()
            .into_iter()
            .flat_map(|s| s.into_imports())
        {
            if matches!(import?.ty, TypeRef::Func(_)) {
                self.imported_functions += 1;
            }
        }
        for ty in self.sections.functions.clone().into_iter().flatten() {
            let ty = ty?;
            self.parameters.push(parameters_of[ty as usize]);
            self.function_types.push(ty);
        }
        Ok(())
    }

    fn read_globals_and_memory(&mut self) -> Result<()> {
        for global in self.sections.globals.clone().into_iter().flatten() {
            self.globals.push(global?.ty);
        }
        for memory in self.sections.memories.clone().into_iter().flatten() {
            self.memory = Some(memory?);
        }
        Ok(())
    }

    fn find_entered_from_outside(&mut self) -> Result<()> {
        let mut found: HashSet<u32> = self.sections.start.into_iter().collect();
        for export in self.sections.exports.clone().into_iter().flatten() {
            let export = export?;
            match export.kind {
                ExternalKind::Func => {
                    found.insert(export.index);
                }
                ExternalKind::Table => self.exports_table = true,
                _ => {}
            }
        }
        for global in self.sections.globals.clone().into_iter().flatten() {
            add_references(&global?.init_expr, &mut found)?;
        }
        for table in self.sections.tables.clone().into_iter().flatten() {
            if let wasmparser::TableInit::Expr(init) = table?.init {
                add_references(&init, &mut self.in_table)?;
            }
        }
        for element in self.sections.elements.clone().into_iter().flatten() {
            match element?.items {
                ElementItems::Functions(functions) => {
                    for function in functions {
                        self.in_table.insert(function?);
                    }
                }
                ElementItems::Expressions(_, expressions) => {
                    for expression in expressions {
                        add_references(&expression?, &mut self.in_table)?;
                    }
                }
            }
        }
        self.entered_from_outside = found;
        Ok(())
    }
}

/// How many results a call has.
fn results(resources: &ValidatorResources, operator: &Operator<'_>) -> u32 {
    let ty = match operator {
        Operator::Call { function_index } => resources.type_index_of_function(*function_index),
        Operator::CallIndirect { type_index, .. } => Some(*type_index),
        _ => None,
    };
    ty.and_then(|ty| resources.sub_type_at(ty))
        .map_or(0, |ty| ty.unwrap_func().results().len() as u32)
}

fn add_references(expression: &ConstExpr<'_>, found: &mut HashSet<u32>) -> Result<()> {
    for operator in expression.get_operators_reader() {
        if let Operator::RefFunc { function_index } = operator? {
            found.insert(function_index);
        }
    }
    Ok(())
}
