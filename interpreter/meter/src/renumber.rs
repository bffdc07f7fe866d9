//! The new indices: the added import stands before every defined function, tables with clones
//! before those of the module.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode};

/// Writes a module's parts again with every function and table index moved.
#[derive(Debug, Clone, Copy)]
pub struct Renumber {
    /// The index of the first defined function in the input.
    pub first_defined: u32,
    /// How far defined functions move: behind the added import, or to their clones.
    pub functions: u32,
    /// How far tables move.
    pub tables: u32,
}

impl Reencode for Renumber {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        Ok(if function < self.first_defined {
            function
        } else {
            function + self.functions
        })
    }

    fn table_index(&mut self, table: u32) -> Result<u32, Error> {
        Ok(table + self.tables)
    }
}
