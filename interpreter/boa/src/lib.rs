//! Boa as a Paddock interpreter: `Sandbox` evaluates scripts, `abi` shows it to a wasm host as
//! `ABI.md` describes.
#![cfg_attr(target_family = "wasm", feature(alloc_error_hook))]

#[cfg(target_family = "wasm")]
mod abi;
#[cfg(target_family = "wasm")]
mod abi_numbers;
mod clock;
mod console;
mod console_format;
mod console_table;
mod evaluate;
mod hooks;
mod host_calls;
mod input;
mod inspect;
mod jobs;
mod json_parse;
mod json_scan;
mod memory;
mod observed;
mod outcome;
mod random;
mod realm;
mod test262;
mod timers;
mod web;

pub use evaluate::Request;
pub use host_calls::{TOO_LONG, TOO_MANY};
pub use observed::Observation;
pub use outcome::{Failure, Outcome};
pub use realm::{Features, Sandbox};
