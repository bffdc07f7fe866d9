//! What the meter refuses, and where in the module it stands.

use std::fmt;

/// Why a module was not metered. The set is closed: each variant names what was refused and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MeterError {
    /// The bytes are no valid module under the proposals the meter knows.
    Invalid {
        /// What the validator says.
        reason: String,
        /// The byte offset in the input.
        offset: usize,
    },
    /// The module holds something valid that cannot be metered.
    Refused {
        /// What it is.
        what: &'static str,
        /// Where it stands.
        place: Place,
    },
    /// The module cannot be encoded again.
    Unencodable(String),
    /// The metered module is not valid: a defect of the meter, never of the input.
    Broken {
        /// What the validator says.
        reason: String,
        /// The byte offset in the metered module.
        offset: usize,
    },
}

/// Where in a module something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The module as a whole.
    Module,
    /// The import of this module and name.
    Import(String, String),
    /// The export of this name.
    Export(String),
    /// The global of this index.
    Global(u32),
    /// The data segment of this index.
    Data(u32),
    /// An operator of a function.
    Operator {
        /// The function's index in the input.
        function: u32,
        /// The operator's position in the function, from 0.
        position: usize,
    },
}

/// A result of the meter.
pub type Result<T> = std::result::Result<T, MeterError>;

/// Refuses `what`, found at `place`.
pub(crate) fn refuse<T>(what: &'static str, place: Place) -> Result<T> {
    Err(MeterError::Refused { what, place })
}

impl From<wasmparser::BinaryReaderError> for MeterError {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Self::Invalid {
            reason: error.message().to_owned(),
            offset: error.offset(),
        }
    }
}

impl From<wasm_encoder::reencode::Error> for MeterError {
    fn from(error: wasm_encoder::reencode::Error) -> Self {
        Self::Unencodable(error.to_string())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module => write!(f, "the module"),
            Self::Import(module, name) => write!(f, "import {module}.{name}"),
            Self::Export(name) => write!(f, "export {name}"),
            Self::Global(index) => write!(f, "global {index}"),
            Self::Data(index) => write!(f, "data segment {index}"),
            Self::Operator { function, position } => {
                write!(f, "function {function}, operator {position}")
            }
        }
    }
}

impl fmt::Display for MeterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { reason, offset } => {
                write!(
                    f,
                    "not a module the meter knows: {reason} (at byte {offset})"
                )
            }
            Self::Refused { what, place } => write!(f, "refused: {what} ({place})"),
            Self::Unencodable(reason) => write!(f, "cannot encode the module again: {reason}"),
            Self::Broken { reason, offset } => {
                write!(
                    f,
                    "the metered module is not valid: {reason} (at byte {offset})"
                )
            }
        }
    }
}

impl std::error::Error for MeterError {}
