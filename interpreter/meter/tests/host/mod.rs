//! A host for metered modules: runs them in wasmi, grants fuel, and reads what the meter exports.
#![allow(dead_code, reason = "each test file uses its part")]

use wasmi::{Config, Engine, Error, Extern, Instance, Linker, Module, Store, Val};

/// How the host grants fuel.
#[derive(Debug, Clone, Copy)]
pub struct Grants {
    /// The units not granted yet.
    pub left: i64,
    /// The most units of one grant.
    pub quantum: i64,
    /// How often the module asked.
    pub asked: u64,
    /// When it asks for the how manieth time `meter.unnoted` is set, if ever; 0 is the first time.
    pub unnoted_at: Option<u64>,
}

/// A running metered module.
pub struct Host {
    store: Store<Grants>,
    instance: Instance,
    budget: i64,
    /// The memory as it was instantiated.
    fresh: Vec<u8>,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It returned these values, each as its bits.
    Done(Vec<u64>),
    /// It trapped; `meter.trap` says this.
    Trap(i32),
    /// The interpreter under test ran out of its own stack.
    Exhausted,
}

/// `meter.trap` after a trap that is not the meter's.
pub const OTHER: Outcome = Outcome::Trap(0);
/// `meter.trap` after the fuel ran out.
pub const FUEL: Outcome = Outcome::Trap(1);
/// `meter.trap` after the memory limit.
pub const MEMORY: Outcome = Outcome::Trap(2);
/// `meter.trap` after the stack limit.
pub const STACK: Outcome = Outcome::Trap(3);

/// Leaf functions write so far below the stack pointer.
const RED_ZONE: usize = 128;

impl Host {
    /// Runs a metered module that may use `budget` units, granted in one piece.
    pub fn new(wasm: &[u8], budget: i64) -> Self {
        Self::with_quantum(wasm, budget, i64::MAX)
    }

    /// Meters a module in text form and runs it.
    pub fn of_text(text: &str, budget: i64) -> Self {
        let wasm = wat::parse_str(text).expect("the test's module is well formed");
        Self::new(
            &meter::meter(&wasm).expect("the module can be metered"),
            budget,
        )
    }

    /// Runs a metered module that may use `budget` units, granted `quantum` at a time.
    pub fn with_quantum(wasm: &[u8], budget: i64, quantum: i64) -> Self {
        let engine = engine();
        let module = Module::new(&engine, wasm).expect("the metered module is valid");
        let mut store = Store::new(
            &engine,
            Grants {
                left: budget,
                quantum,
                asked: 0,
                unnoted_at: None,
            },
        );
        let mut linker = Linker::<Grants>::new(&engine);
        linker
            .func_wrap(
                "sandbox",
                "refuel",
                |mut caller: wasmi::Caller<'_, Grants>| -> i64 {
                    let grants = caller.data_mut();
                    let grant = grants.quantum.min(grants.left);
                    grants.left -= grant;
                    grants.asked += 1;
                    if grants.unnoted_at == Some(grants.asked - 1) {
                        let unnoted = caller.get_export("meter.unnoted");
                        let unnoted = unnoted.and_then(Extern::into_global);
                        let set = unnoted.map(|unnoted| unnoted.set(&mut caller, Val::I32(1)));
                        set.expect("the export exists").expect("a mutable i32");
                    }
                    grant
                },
            )
            .expect("the name is free");
        linker
            .func_wrap("test", "host", |value: i32| value + 1)
            .expect("the name is free");
        let instance = linker
            .instantiate_and_start(&mut store, &module)
            .expect("it starts");
        let fresh = memory_of(&instance, &store).map_or(Vec::new(), |m| m.data(&store).to_vec());
        Self {
            store,
            instance,
            budget,
            fresh,
        }
    }

    /// From that request for fuel on, what is entered in a loop notes nothing.
    pub fn leave_notes_at(&mut self, asked: u64) {
        self.store.data_mut().unnoted_at = Some(asked);
    }

    /// Calls an export that returns a function, and then that.
    pub fn call_returned(&mut self, name: &str, arguments: &[Val]) {
        let export = self.instance.get_func(&self.store, name);
        let mut values = vec![Val::FuncRef(wasmi::Ref::Null)];
        export
            .expect("the export exists")
            .call(&mut self.store, &[], &mut values)
            .expect("it returns");
        let [Val::FuncRef(wasmi::Ref::Val(function))] = values[..] else {
            panic!("no function: {values:?}");
        };
        function
            .call(&mut self.store, arguments, &mut [])
            .expect("it returns");
    }

    /// Calls an export.
    pub fn call(&mut self, name: &str, arguments: &[Val]) -> Outcome {
        let function = self
            .instance
            .get_func(&self.store, name)
            .expect("the export exists");
        let results = function.ty(&self.store).results().len();
        let mut values = vec![Val::I32(0); results];
        match function.call(&mut self.store, arguments, &mut values) {
            Ok(()) => Outcome::Done(values.iter().map(bits).collect()),
            Err(error) if is_exhausted(&error) => Outcome::Exhausted,
            Err(_) => Outcome::Trap(self.i32("meter.trap")),
        }
    }

    /// The units used so far.
    pub fn used(&self) -> i64 {
        self.budget - self.store.data().left - self.i64("meter.fuel")
    }

    /// How often the module asked for fuel.
    pub fn asked(&self) -> u64 {
        self.store.data().asked
    }

    /// The value of an exported i32 global.
    pub fn i32(&self, name: &str) -> i32 {
        self.global(name).i32().expect("an i32")
    }

    /// The value of an exported i64 global.
    pub fn i64(&self, name: &str) -> i64 {
        self.global(name).i64().expect("an i64")
    }

    /// Sets an exported i32 global.
    pub fn set_i32(&mut self, name: &str, value: i32) {
        let global = self
            .instance
            .get_global(&self.store, name)
            .expect("the export exists");
        global
            .set(&mut self.store, Val::I32(value))
            .expect("a mutable i32");
    }

    /// The pages the memory really has.
    pub fn physical_pages(&self) -> u64 {
        memory_of(&self.instance, &self.store)
            .expect("a memory")
            .size(&self.store)
    }

    /// The memory's bytes.
    pub fn memory(&self) -> &[u8] {
        memory_of(&self.instance, &self.store)
            .expect("a memory")
            .data(&self.store)
    }

    /// The numbers of the pages of 4 KiB that are noted as written.
    pub fn noted(&self) -> Vec<usize> {
        let notes = self.instance.get_memory(&self.store, "meter.written");
        let bytes = notes.map_or(&[] as &[u8], |notes| notes.data(&self.store));
        let noted = |(page, byte): (usize, &u8)| (*byte != 0).then_some(page);
        bytes.iter().enumerate().filter_map(noted).collect()
    }

    /// The first address that no frame has reached at which memory has changed without a note.
    pub fn unnoted(&self) -> Option<usize> {
        let noted = self.noted();
        let covered = |at: usize| {
            let (page, into) = (at / 4096, at % 4096);
            noted.binary_search(&page).is_ok()
                || (into < 256 && page > 0 && noted.binary_search(&(page - 1)).is_ok())
        };
        let memory = self.memory();
        let below = (self.i32("meter.stack_lowest") as usize).saturating_sub(RED_ZONE);
        let above = self.i32("meter.stack_high") as usize;
        (0..below.min(memory.len()))
            .chain(above..memory.len())
            .find(|at| memory[*at] != *self.fresh.get(*at).unwrap_or(&0) && !covered(*at))
    }

    /// The memory and every exported global of the module itself, as bytes.
    pub fn state(&self) -> Vec<u8> {
        state(&self.instance, &self.store)
    }

    fn global(&self, name: &str) -> Val {
        self.instance
            .get_global(&self.store, name)
            .expect("the export exists")
            .get(&self.store)
    }
}

/// The module's own memory; generated modules have it under another name.
fn memory_of(instance: &Instance, store: &Store<Grants>) -> Option<wasmi::Memory> {
    let names = ["memory", "paddock_memory"];
    names
        .iter()
        .find_map(|name| instance.get_memory(store, name))
}

/// An interpreter whose own stack ends after the limits under test.
pub fn engine() -> Engine {
    let mut config = Config::default();
    config
        .wasm_multi_memory(true)
        .set_max_recursion_depth(1_000_000)
        .set_max_stack_height(64 << 20);
    Engine::new(&config)
}

/// The memory and every exported global but the meter's, as bytes, in the order of their names.
pub fn state<T>(instance: &Instance, store: &Store<T>) -> Vec<u8> {
    let mut exports: Vec<_> = instance
        .exports(store)
        .filter(|export| !export.name().starts_with("meter."))
        .map(|export| (export.name().to_owned(), export.into_extern()))
        .collect();
    exports.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut bytes = Vec::new();
    for (_, export) in exports {
        match export {
            Extern::Memory(memory) => bytes.extend_from_slice(memory.data(store)),
            Extern::Global(global) => bytes.extend(bits(&global.get(store)).to_le_bytes()),
            _ => {}
        }
    }
    bytes
}

/// A value's bits.
pub fn bits(value: &Val) -> u64 {
    match value {
        Val::I32(value) => u64::from(*value as u32),
        Val::I64(value) => *value as u64,
        Val::F32(value) => u64::from(value.to_bits()),
        Val::F64(value) => value.to_bits(),
        _ => 0,
    }
}

/// Whether wasmi ran out of its own stack.
pub fn is_exhausted(error: &Error) -> bool {
    error.as_trap_code() == Some(wasmi::TrapCode::StackOverflow)
}
