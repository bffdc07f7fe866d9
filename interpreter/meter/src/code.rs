//! A function body being written, with hints which of its branches are unlikely.

use wasm_encoder::{BlockType, BranchHint, Function, InstructionSink, ValType};

/// A function body being written.
pub struct Code {
    /// The body so far.
    pub function: Function,
    unlikely: Vec<BranchHint>,
}

impl Code {
    /// An empty body with these locals.
    pub fn new(locals: Vec<(u32, ValType)>) -> Self {
        Self {
            function: Function::new(locals),
            unlikely: Vec::new(),
        }
    }

    /// Writes the next instructions.
    pub fn put(&mut self) -> InstructionSink<'_> {
        self.function.instructions()
    }

    /// Opens an `if` that is hardly ever taken, so that the compiler lays its arm out of the way.
    pub fn unlikely_if(&mut self) -> InstructionSink<'_> {
        let branch_func_offset = self.function.byte_len() as u32;
        self.unlikely.push(BranchHint {
            branch_func_offset,
            branch_hint_value: 0,
        });
        let mut sink = self.function.instructions();
        sink.if_(BlockType::Empty);
        sink
    }

    /// Writes a `br_if` that is hardly ever taken.
    pub fn unlikely_br_if(&mut self, depth: u32) {
        self.hint_unlikely();
        self.function.instructions().br_if(depth);
    }

    fn hint_unlikely(&mut self) {
        let branch_func_offset = self.function.byte_len() as u32;
        self.unlikely.push(BranchHint {
            branch_func_offset,
            branch_hint_value: 0,
        });
    }

    /// The body and its hints.
    pub fn finish(self) -> (Function, Vec<BranchHint>) {
        (self.function, self.unlikely)
    }
}
