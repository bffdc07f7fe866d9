// Interpreters of a few lines that misbehave as the real one cannot be made to: for faults of the
// host only.

import wabtOf from 'wabt';

const wabt = await wabtOf();

/** What `evaluate` does in each. */
const bodies = {
  unreachable: 'unreachable',
  /** Hands over `{` as JSON. */
  'not-json': '(call $result (i32.const 0) (i32.const 16) (i32.const 1)) i32.const 0',
  exit: '(call $exit (i32.const 0)) i32.const 0',
  'wild-pointer': '(call $result (i32.const 0) (i32.const 65000) (i32.const 65000)) i32.const 0',
  'unknown-status': 'i32.const 7',
  /** Never comes by the host: the meter would not let this pass. */
  silent: '(loop $forever (br $forever)) i32.const 0',
  /** The same for scripts of more than a byte; else hands over 1. */
  'silent-if-long': `(if (i32.gt_u (local.get 2) (i32.const 1))
      (then (loop $forever (br $forever))))
    (call $result (i32.const 0) (i32.const 24) (i32.const 1)) i32.const 0`,
  'wrong-abi': 'i32.const 0',
} as const;

const textOf = (kind: keyof typeof bodies): string => `(module
  (import "sandbox" "result" (func $result (param i32 i32 i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "{")
  (data (i32.const 24) "1")
  (global (export "meter.fuel") (mut i64) (i64.const 0))
  (global (export "meter.trap") (mut i32) (i32.const 0))
  (global (export "meter.memory_pages") (mut i32) (i32.const 1))
  (global (export "meter.memory_pages_max") (mut i32) (i32.const 65536))
  (func (export "abi_version") (result i32) i32.const ${kind === 'wrong-abi' ? 2 : 1})
  (func (export "boot") (param i32))
  (func (export "allocate") (param i32) (result i32) i32.const 1024)
  (func (export "evaluate") (param i32 i32 i32 i32 i32 f64 i64 i32) (result i32) ${bodies[kind]}))`;

/** The module, assembled. */
export const wasmOf = (kind: keyof typeof bodies): Uint8Array<ArrayBuffer> => {
  const module = wabt.parseWat(`${kind}.wat`, textOf(kind));
  return new Uint8Array(module.toBinary({}).buffer);
};
