//! The new function indices: the added import stands before every defined function.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode};

/// Writes a module's parts again with every function index moved.
#[derive(Debug, Clone, Copy)]
pub struct Renumber {
    /// The index of the first defined function in the input.
    pub first_defined: u32,
}

impl Reencode for Renumber {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        Ok(if function < self.first_defined {
            function
        } else {
            function + 1
        })
    }
}
