//! Random modules of what an engine's code is made of, and wasm-smith hardly ever meets: bounded
//! loops in loops, small functions that call each other, bulk operations, frames on the shadow
//! stack.

use std::fmt::Write;

const LEAVES: u64 = 4;
const FUNCTIONS: u64 = 5;
/// Functions that call each other in circles, each time with less.
const RECURSIVE: u64 = 3;

/// A random module in text form, which always ends: loops count down, functions call only earlier
/// ones, and those that call each other in circles count down too. Its export is `run`.
pub fn compose(seed: u64) -> String {
    let mut composer = Composer {
        state: seed,
        text: String::new(),
        epilogue: String::new(),
        loops: 0,
    };
    composer.text += "(module (memory (export \"memory\") 2) (table 8 funcref)
        (global $sp (export \"__stack_pointer\") (mut i32) (i32.const 65536))
        (global $sum (export \"sum\") (mut i32) (i32.const 0))
        (type $f (func (param i32) (result i32)))
        (elem (i32.const 0) func $f0 $f0 $f1 $f1 $r0 $r1 $r1 $r2)\n";
    for leaf in 0..LEAVES {
        composer.function(&format!("$leaf{leaf}"), leaf, 0, 0);
    }
    for function in 0..FUNCTIONS {
        composer.function(&format!("$f{function}"), LEAVES, function, 2);
    }
    for function in 0..RECURSIVE {
        composer.recursive(function);
    }
    composer.text += "(func (export \"run\") (param i32) (result i32)
        (i32.add (call $f4 (local.get 0)) (call $r0 (i32.const 9)))))";
    composer.text
}

struct Composer {
    state: u64,
    text: String,
    /// What gives the function's frame back.
    epilogue: String,
    loops: u32,
}

impl Composer {
    fn below(&mut self, limit: u64) -> u64 {
        // The splitmix64 generator.
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// Local 0 is the parameter, 1 and 2 are free, 3 is the frame, the rest count loops.
    fn function(&mut self, name: &str, leaves: u64, functions: u64, loop_depth: u32) {
        let frame = if self.below(2) == 0 {
            0
        } else {
            16 * (1 + self.below(8))
        };
        let counters = "(local i32 i32 i32) (local i32 i32 i32 i32 i32 i32 i32 i32)";
        let _ = writeln!(
            self.text,
            "(func {name} (param i32) (result i32) {counters}"
        );
        self.epilogue.clear();
        if frame > 0 {
            let lowered = format!("(i32.sub (global.get $sp) (i32.const {frame}))");
            let _ = writeln!(self.text, "(global.set $sp (local.tee 3 {lowered}))");
            self.epilogue = format!("(global.set $sp (i32.add (local.get 3) (i32.const {frame})))");
        }
        self.loops = 0;
        for _ in 0..=self.below(4) {
            self.statement(leaves, functions, loop_depth, 3);
        }
        let _ = writeln!(self.text, "{}", self.epilogue);
        self.text += "(local.get 1))\n";
    }

    /// Calls one of its kind with one less, in a loop or outside, by `call` or `call_indirect`.
    fn recursive(&mut self, function: u64) {
        let less = "(i32.sub (local.get 0) (i32.const 1))";
        let callee = self.below(RECURSIVE);
        let call = match self.below(3) {
            0 => format!(
                "(call_indirect (type $f) {less} (i32.const {}))",
                4 + callee
            ),
            _ => format!("(call $r{callee} {less})"),
        };
        let again = format!("(if (local.get 0) (then (local.set 1 {call})))");
        let statement = match self.below(4) {
            0 => format!("(loop {again})"),
            _ => again,
        };
        let _ = writeln!(
            self.text,
            "(func $r{function} (param i32) (result i32) (local i32 i32)"
        );
        self.epilogue.clear();
        self.statement(LEAVES, 0, 0, 1);
        let _ = writeln!(self.text, "{statement} (local.get 1))");
    }

    fn statement(&mut self, leaves: u64, functions: u64, loop_depth: u32, nesting: u32) {
        let kinds = if nesting == 0 { 6 } else { 10 };
        match self.below(kinds) {
            0 => self.text += "(local.set 1 (i32.add (local.get 1) (local.get 0)))\n",
            1 if leaves > 0 => {
                let leaf = self.below(leaves);
                let _ = writeln!(self.text, "(local.set 1 (call $leaf{leaf} (local.get 1)))");
            }
            2 if functions > 0 => {
                let callee = self.below(functions);
                let _ = writeln!(self.text, "(local.set 2 (call $f{callee} (local.get 0)))");
            }
            3 => self.bulk(),
            4 if functions > 1 && self.below(3) == 0 => {
                let at = self.below(4);
                let call = format!("(call_indirect (type $f) (local.get 0) (i32.const {at}))");
                let _ = writeln!(self.text, "(local.set 2 {call})");
            }
            5 => {
                let leave = format!("{} (return (local.get 1))", self.epilogue);
                let condition = format!("(i32.eq (local.get 1) (i32.const {}))", self.below(9));
                let _ = writeln!(self.text, "(if {condition} (then {leave}))");
            }
            6 => self.nested(
                "(if (i32.and (local.get 0) (i32.const 1)) (then",
                "))",
                |composer| {
                    composer.statement(leaves, functions, loop_depth, nesting - 1);
                },
            ),
            7 => self.nested("(block", ")", |composer| {
                composer.statement(leaves, functions, loop_depth, nesting - 1);
                composer.text += "(br_if 0 (i32.and (local.get 1) (i32.const 2)))\n";
                composer.statement(leaves, functions, loop_depth, nesting - 1);
            }),
            8 | 9 if loop_depth > 0 && self.loops < 8 => match self.below(3) {
                0 => self.interpreter_loop(leaves, functions),
                _ => self.counted_loop(leaves, functions, loop_depth, nesting),
            },
            _ => self.text += "(global.set $sum (i32.add (global.get $sum) (local.get 1)))\n",
        }
    }

    fn bulk(&mut self) {
        let length = match self.below(3) {
            0 => format!("(i32.const {})", self.below(600)),
            _ => "(i32.and (local.get 1) (i32.const 1023))".to_owned(),
        };
        let operation = match self.below(2) {
            0 => format!("(memory.fill (i32.const 70000) (local.get 0) {length})"),
            _ => format!("(memory.copy (i32.const 71000) (i32.const 70000) {length})"),
        };
        let _ = writeln!(self.text, "{operation}");
    }

    /// A loop that leaves by falling out, by `br_if` or by `br_table`.
    fn counted_loop(&mut self, leaves: u64, functions: u64, loop_depth: u32, nesting: u32) {
        let counter = 4 + self.loops;
        self.loops += 1;
        let rounds = 1 + self.below(6);
        let down = format!("(local.tee {counter} (i32.sub (local.get {counter}) (i32.const 1)))");
        let _ = writeln!(
            self.text,
            "(local.set {counter} (i32.const {rounds})) (block (loop"
        );
        self.statement(leaves, functions, loop_depth - 1, nesting - 1);
        match self.below(3) {
            0 => {
                let _ = writeln!(self.text, "(br_if 0 {down})");
            }
            1 => {
                let _ = writeln!(self.text, "(br_if 1 (i32.eqz {down}))");
                self.statement(leaves, functions, 0, 0);
                self.text += "(br 0)\n";
            }
            _ => {
                let index = format!("(i32.and (i32.eqz {down}) (i32.const 1))");
                let _ = writeln!(self.text, "(br_table 0 1 1 {index})");
            }
        }
        self.text += "))\n";
    }

    /// A loop as interpreters have one: a switch whose arms go on with the next round, leave the
    /// loop, share what is behind them, or run into the next arm.
    fn interpreter_loop(&mut self, leaves: u64, functions: u64) {
        let counter = 4 + self.loops;
        self.loops += 1;
        let rounds = 1 + self.below(20);
        let arms = 24 + self.below(12);
        let _ = writeln!(self.text, "(local.set {counter} (i32.const {rounds}))");
        // Depths from an arm: `arms` of them, what they share, the loop, and what is around it.
        self.text += "(block (loop (block\n";
        for _ in 0..arms {
            self.text += "(block\n";
        }
        match self.below(4) {
            // A way that passes no arm.
            0 => {
                let _ = writeln!(self.text, "(br_if {} (i32.eqz (local.get 0)))", arms + 2);
            }
            1 => self.statement(leaves, 0, 0, 0),
            _ => {}
        }
        let down = format!("(local.tee {counter} (i32.sub (local.get {counter}) (i32.const 1)))");
        let places: Vec<String> = (0..arms).map(|arm| arm.to_string()).collect();
        let last = if self.below(3) == 0 { arms } else { arms - 1 };
        let _ = writeln!(self.text, "(br_table {} {last} {down})", places.join(" "));
        for arm in 0..arms {
            // The block of this arm ends here; those of the later ones are still open.
            self.text += ")\n";
            let open = arms - 1 - arm;
            for _ in 0..self.below(3) {
                self.statement(leaves, functions, 0, 1);
            }
            let _ = match self.below(4) {
                0 => writeln!(self.text, "(br {open})"),
                1 => writeln!(
                    self.text,
                    "(br_if {} (i32.gt_s (local.get {counter}) (i32.const 0)))",
                    open + 1
                ),
                2 => writeln!(self.text, "(br {})", open + 2),
                _ => Ok(()),
            };
        }
        self.text += ")\n";
        self.statement(leaves, functions, 0, 0);
        if self.below(2) == 0 {
            let more = format!("(i32.gt_s (local.get {counter}) (i32.const 0))");
            let _ = writeln!(self.text, "(br_if 0 {more})");
        }
        self.text += "))\n";
    }

    fn nested(&mut self, open: &str, close: &str, inside: impl FnOnce(&mut Self)) {
        let _ = writeln!(self.text, "{open}");
        inside(self);
        let _ = writeln!(self.text, "{close}");
    }
}
