//! The numbers of `ABI.md`.

pub const ABI_VERSION: i32 = 1;

pub const BOOT_TEST262: i32 = 1;

pub const EVALUATE_GLOBAL: i32 = 1;
pub const EVALUATE_INPUT: i32 = 1 << 1;
pub const EVALUATE_INIT: i32 = 1 << 2;

pub const STATUS_OK: i32 = 0;
pub const STATUS_THROWN: i32 = 1;
pub const STATUS_PENDING: i32 = 2;

pub const RESULT_JSON: i32 = 0;
pub const RESULT_MESSAGE: i32 = 1;
pub const RESULT_STACK: i32 = 2;

pub const FATAL_PANIC: i32 = 1;
pub const FATAL_MEMORY: i32 = 2;
