//! The ABI of `ABI.md`: exports, imports and the allocator. All `unsafe` of the crate is here.
#![allow(unsafe_code)]

use crate::{
    abi_numbers::{
        ABI_VERSION, BOOT_TEST262, EVALUATE_GLOBAL, EVALUATE_INIT, EVALUATE_INPUT, FATAL_MEMORY,
        FATAL_PANIC, RESULT_JSON, RESULT_MESSAGE, RESULT_STACK, STATUS_OK, STATUS_PENDING,
        STATUS_THROWN,
    },
    evaluate::Request,
    memory,
    observed::Observation,
    outcome::Outcome,
    realm::{Features, Sandbox},
};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::RefCell,
};

#[link(wasm_import_module = "sandbox")]
unsafe extern "C" {
    fn result(kind: i32, text: *const u8, len: usize);
    fn fatal(reason: i32, text: *const u8, len: usize);
    fn observed(what: i32);
    fn call(name: *const u8, name_len: usize, json: *const u8, json_len: usize) -> i32;
}

unsafe extern "C" {
    /// Placed by the linker: the heap begins here, above the stack and static data.
    static __heap_base: u8;
}

thread_local! {
    static SANDBOX: RefCell<Option<Sandbox>> = const { RefCell::new(None) };
}

/// The system's allocator, counting the bytes that are live.
struct Counting;

// SAFETY: every request goes to the system's allocator unchanged; only a counter is kept.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise about `layout` is passed on.
        let allocation = unsafe { System.alloc(layout) };
        if !allocation.is_null() {
            memory::allocated(layout.size());
        }
        allocation
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise about `layout` is passed on.
        let allocation = unsafe { System.alloc_zeroed(layout) };
        if !allocation.is_null() {
            memory::allocated(layout.size());
        }
        allocation
    }

    unsafe fn dealloc(&self, allocation: *mut u8, layout: Layout) {
        memory::released(layout.size());
        // SAFETY: `allocation` came from the system's allocator with this layout.
        unsafe { System.dealloc(allocation, layout) }
    }

    unsafe fn realloc(&self, allocation: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: `allocation` came from the system's allocator with this layout.
        let moved = unsafe { System.realloc(allocation, layout, size) };
        if !moved.is_null() {
            memory::released(layout.size());
            memory::allocated(size);
        }
        moved
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Asked by the patched garbage collector before it allocates.
#[unsafe(no_mangle)]
extern "C" fn paddock_collection_due() -> i32 {
    i32::from(memory::collection_due())
}

/// Told by the patched garbage collector after it has collected.
#[unsafe(no_mangle)]
extern "C" fn paddock_collected() {
    memory::collected();
}

/// C's memcmp, in words: equality and search of strings end here, and the C library goes byte by
/// byte.
///
/// # Safety
/// `len` bytes must be readable at both addresses.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(left: *const u8, right: *const u8, len: usize) -> i32 {
    let mut at = 0;
    // SAFETY: a block from `at` on is within `len`.
    while len - at >= BLOCK && unsafe { same_block(left, right, at) } {
        at += BLOCK;
    }
    while len - at >= 16 {
        // SAFETY: 16 bytes from `at` on are within `len`.
        let (l, r) = unsafe { (word::<u128>(left, at), word::<u128>(right, at)) };
        let differing = l ^ r;
        if differing != 0 {
            let bits = differing.trailing_zeros() & !7;
            return i32::from((l >> bits) as u8) - i32::from((r >> bits) as u8);
        }
        at += 16;
    }
    while at < len {
        // SAFETY: `at` is less than `len`.
        let (l, r) = unsafe { (word::<u8>(left, at), word::<u8>(right, at)) };
        if l != r {
            return i32::from(l) - i32::from(r);
        }
        at += 1;
    }
    0
}

/// The bytes that a round of `memcmp` compares: enough that what the meter adds is small.
const BLOCK: usize = 64;

/// # Safety
/// A block must be readable at `left + at` and `right + at`.
#[inline(always)]
unsafe fn same_block(left: *const u8, right: *const u8, at: usize) -> bool {
    let mut differing = 0;
    for part in (at..at + BLOCK).step_by(16) {
        // SAFETY: 16 bytes from `part` on are within the block, which the caller promises.
        differing |= unsafe { word::<u128>(left, part) ^ word::<u128>(right, part) };
    }
    differing == 0
}

/// # Safety
/// A `Word` must be readable at `start + at`.
#[inline(always)]
unsafe fn word<Word>(start: *const u8, at: usize) -> Word {
    // SAFETY: promised by the caller; any address will do for an unaligned read.
    unsafe { start.add(at).cast::<Word>().read_unaligned() }
}

fn hand_over(kind: i32, text: &str) {
    // SAFETY: the host reads `text` during the call and keeps no pointer.
    unsafe { result(kind, text.as_ptr(), text.len()) }
}

fn end_instance(reason: i32, text: &str) -> ! {
    // SAFETY: the host reads `text` during the call and keeps no pointer.
    unsafe { fatal(reason, text.as_ptr(), text.len()) }
    core::arch::wasm32::unreachable()
}

fn catch_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.to_string();
        // Something asked for more than the address space: memory is what is lacking.
        let overflow = ["capacity overflow", "overflow during string allocation"];
        let memory = overflow.iter().any(|message| text.contains(message));
        let reason = if memory { FATAL_MEMORY } else { FATAL_PANIC };
        end_instance(reason, &text)
    }));
    std::alloc::set_alloc_error_hook(|_| end_instance(FATAL_MEMORY, "allocation failed"));
}

#[unsafe(no_mangle)]
extern "C" fn abi_version() -> i32 {
    ABI_VERSION
}

#[unsafe(no_mangle)]
extern "C" fn boot(flags: i32) {
    catch_panics();
    let features = Features {
        test262: flags & BOOT_TEST262 != 0,
    };
    match Sandbox::boot(features) {
        Ok(booted) => SANDBOX.with(|sandbox| *sandbox.borrow_mut() = Some(booted)),
        Err(error) => end_instance(FATAL_PANIC, &error.to_string()),
    }
}

/// At least one byte is allocated, so that the answer is never 0.
#[unsafe(no_mangle)]
extern "C" fn allocate(len: usize) -> *mut u8 {
    let mut buffer = Vec::<u8>::with_capacity(len.max(1));
    let start = buffer.as_mut_ptr();
    std::mem::forget(buffer);
    start
}

/// Takes over a buffer made by `allocate`.
///
/// # Safety
/// `start` must come from `allocate(len)`, be filled, and never be used again.
unsafe fn take(start: *mut u8, len: usize) -> String {
    // SAFETY: `allocate` made a vector of that capacity; the host has filled it.
    let bytes = unsafe { Vec::from_raw_parts(start, len, len.max(1)) };
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[unsafe(no_mangle)]
extern "C" fn evaluate(
    flags: i32,
    script: *mut u8,
    script_len: usize,
    input: *mut u8,
    input_len: usize,
    now: f64,
    seed: u64,
    memory_bytes_max: usize,
) -> i32 {
    // SAFETY: the ABI says that both buffers were made with `allocate` and are ours from here.
    let script = unsafe { take(script, script_len) };
    let input = (flags & EVALUATE_INPUT != 0).then(|| {
        // SAFETY: as above.
        unsafe { take(input, input_len) }
    });
    let request = Request {
        script: &script,
        input: input.as_deref(),
        global: flags & EVALUATE_GLOBAL != 0,
        init: flags & EVALUATE_INIT != 0,
        now,
        seed,
        memory_bytes_max,
        heap_bytes_max: memory_bytes_max.saturating_sub((&raw const __heap_base).addr()),
    };
    with_sandbox(|sandbox| answer(sandbox, |sandbox| sandbox.evaluate(&request)))
}

/// Defines the host functions that a JSON array names. Called once at most, right after `boot`.
#[unsafe(no_mangle)]
extern "C" fn expose(names: *mut u8, names_len: usize) {
    // SAFETY: the ABI says that the buffer was made with `allocate` and is ours from here.
    let names = unsafe { take(names, names_len) };
    let exposed = with_sandbox(|sandbox| sandbox.expose(&names, Box::new(call_host)));
    if let Err(error) = exposed {
        end_instance(FATAL_PANIC, &error.to_string());
    }
}

fn call_host(name: &str, json: &str) -> i32 {
    // SAFETY: the host reads both texts during the call and keeps no pointer.
    unsafe { call(name.as_ptr(), name.len(), json.as_ptr(), json.len()) }
}

#[unsafe(no_mangle)]
extern "C" fn settle(id: i32, ok: i32, json: *mut u8, json_len: usize) {
    // SAFETY: the ABI says that the buffer was made with `allocate` and is ours from here.
    let json = unsafe { take(json, json_len) };
    with_sandbox(|sandbox| sandbox.settle(id, ok != 0, json));
}

#[unsafe(no_mangle)]
extern "C" fn resume() -> i32 {
    with_sandbox(|sandbox| answer(sandbox, Sandbox::resume))
}

fn with_sandbox<T>(work: impl FnOnce(&mut Sandbox) -> T) -> T {
    SANDBOX.with(|sandbox| match sandbox.borrow_mut().as_mut() {
        Some(sandbox) => work(sandbox),
        None => end_instance(FATAL_PANIC, "boot has not been called"),
    })
}

fn answer(sandbox: &mut Sandbox, run: impl FnOnce(&mut Sandbox) -> Outcome) -> i32 {
    let outcome = run(sandbox);
    for what in Observation::ALL {
        if sandbox.observed(what) {
            // SAFETY: a number is all that crosses.
            unsafe { observed(what as i32) }
        }
    }
    match outcome {
        Outcome::Json(json) => {
            hand_over(RESULT_JSON, &json);
            STATUS_OK
        }
        Outcome::Thrown(failure) => {
            hand_over(RESULT_MESSAGE, &failure.message);
            if let Some(stack) = failure.stack {
                hand_over(RESULT_STACK, &stack);
            }
            STATUS_THROWN
        }
        Outcome::Pending => STATUS_PENDING,
        Outcome::Fatal(text) => end_instance(FATAL_PANIC, &text),
    }
}
