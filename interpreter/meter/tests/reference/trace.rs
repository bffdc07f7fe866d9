//! Runs an unmetered module operator by operator: each is announced to the host before it runs, and
//! the host counts by the rule.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, EntityType, Function, FunctionSection, ImportSection, Module, SectionId,
    TypeSection, ValType,
};
use wasmi::{Caller, Linker, Store, Val};
use wasmparser::{Operator, Parser};

use super::{Rule, rule};
use crate::host::{self, Outcome, engine, is_exhausted};

/// How an unmetered run ended, and what it is charged.
pub struct Traced {
    /// Its outcome; none when it was stopped because it had been charged enough.
    pub outcome: Option<Outcome>,
    /// The units charged.
    pub charged: u64,
    /// The memory and globals at the end.
    pub state: Vec<u8>,
}

struct Count {
    rule: Rule,
    charged: u64,
    executed: u64,
    /// What ran since the last check that only the next one pays for.
    owed: u64,
    limit: u64,
}

/// Runs an export of an unmetered module, until it has been charged more than `limit`.
pub fn run(bytes: &[u8], export: &str, arguments: &[Val], limit: u64) -> Traced {
    let traced = announce_operators(bytes);
    let engine = engine();
    let module = wasmi::Module::new(&engine, &traced).expect("the traced module is valid");
    let rule = rule(&super::Source::read(bytes));
    let mut store = Store::new(
        &engine,
        Count {
            rule,
            charged: 0,
            executed: 0,
            owed: 0,
            limit,
        },
    );
    let mut linker = Linker::<Count>::new(&engine);
    linker
        .func_wrap("trace", "operator", count)
        .expect("the name is free");
    let instance = linker
        .instantiate_and_start(&mut store, &module)
        .expect("it starts");
    let function = instance
        .get_func(&store, export)
        .expect("the export exists");
    let mut values = vec![Val::I32(0); function.ty(&store).results().len()];
    let outcome = match function.call(&mut store, arguments, &mut values) {
        Ok(()) => Some(Outcome::Done(values.iter().map(host::bits).collect())),
        Err(error) if is_exhausted(&error) => Some(Outcome::Exhausted),
        Err(_) if store.data().charged > limit => None,
        Err(_) => Some(host::OTHER),
    };
    Traced {
        outcome,
        charged: store.data().charged,
        state: host::state(&instance, &store),
    }
}

/// Counts one operator. `length` is that of a bulk operation or a growth.
fn count(
    mut caller: Caller<'_, Count>,
    function: i32,
    position: i32,
    length: i32,
) -> Result<(), wasmi::Error> {
    let count = caller.data_mut();
    let spot = (function as u32, position as u32);
    count.charged += count.rule.charges.get(&spot).copied().unwrap_or(0);
    if count.charged > count.limit {
        return Err(wasmi::Error::new("charged enough"));
    }
    let length = u64::from(length as u32);
    let by_length = if count.rule.dynamic.contains(&spot) {
        length * meter::weights::BULK_BYTE
    } else if count.rule.grows.contains(&spot) {
        length * meter::weights::GROW_PAGE
    } else {
        0
    };
    count.charged += by_length;
    let cost = count.rule.costs[&spot] + by_length;
    if count.rule.paid_later.contains(&spot) {
        count.owed += cost;
    } else {
        count.executed += cost + std::mem::take(&mut count.owed);
    }
    if count.charged > count.limit {
        // By a length, the counter goes no further than -1.
        count.charged = count.limit + 1;
        return Err(wasmi::Error::new("charged enough"));
    }
    assert!(
        count.executed <= count.charged,
        "{spot:?} runs without having been paid for"
    );
    Ok(())
}

/// Writes the module again with a call before each operator.
fn announce_operators(bytes: &[u8]) -> Vec<u8> {
    let mut module = Module::new();
    let mut announce = Announce::default();
    announce
        .parse_core_module(&mut module, Parser::new(0), bytes)
        .expect("it can be written");
    module.finish()
}

/// Adds the import `trace.operator`, so that every function moves up by one, and the calls.
#[derive(Default)]
struct Announce {
    /// How many parameters each type has.
    types: Vec<u32>,
    /// The type of each function.
    functions: Vec<u32>,
    imported: bool,
    bodies: u32,
}

impl Reencode for Announce {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        Ok(function + 1)
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), Error> {
        for group in section.clone() {
            let types = group?.into_types();
            self.types
                .extend(types.map(|ty| ty.unwrap_func().params().len() as u32));
        }
        utils::parse_type_section(self, types, section)?;
        types.ty().function([ValType::I32; 3], []);
        Ok(())
    }

    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Result<(), Error> {
        let missing = after == Some(SectionId::Type) && before != Some(SectionId::Import);
        if missing && !std::mem::replace(&mut self.imported, true) {
            let mut imports = ImportSection::new();
            let ty = self.types.len() as u32;
            imports.import("trace", "operator", EntityType::Function(ty));
            module.section(&imports);
        }
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_import_section(self, imports, section)?;
        let ty = self.types.len() as u32;
        imports.import("trace", "operator", EntityType::Function(ty));
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        self.functions = section.clone().into_iter().collect::<Result<_, _>>()?;
        utils::parse_function_section(self, functions, section)
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), Error> {
        let mut locals = Vec::new();
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            locals.push((count, self.val_type(ty)?));
        }
        let declared: u32 = locals.iter().map(|(count, _)| count).sum();
        let number = self.bodies;
        let scratch = self.types[self.functions[number as usize] as usize] + declared;
        locals.push((1, ValType::I32));
        let mut function = Function::new(locals);
        for (position, operator) in (0..).zip(body.get_operators_reader()?) {
            let operator = operator?;
            let mut sink = function.instructions();
            if has_length(&operator) {
                sink.local_tee(scratch);
            } else {
                sink.i32_const(0).local_set(scratch);
            }
            sink.i32_const(number as i32)
                .i32_const(position)
                .local_get(scratch)
                .call(0);
            function.instruction(&self.instruction(operator)?);
        }
        code.function(&function);
        self.bodies += 1;
        Ok(())
    }
}

fn has_length(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::MemoryCopy { .. } | Operator::MemoryFill { .. } | Operator::MemoryGrow { .. }
    )
}
