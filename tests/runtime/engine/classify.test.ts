// classify: how a stage ended -> what the caller is told, with nothing of the engine's insides in
// it.

import test from 'ava';
import { fatalReason, trapReason } from '../../../runtime/engine/abi.ts';
import { classify } from '../../../runtime/engine/classify.ts';
import type { Outcome } from '../../../contract/outcome.ts';
import type { StageEnd } from '../../../runtime/engine/stage.ts';

const bounds = { fuel: 10, memoryBytesMax: 65_536, timeMsMax: 5, resultBytesMax: 9 };
const end: StageEnd = {
  ran: true,
  status: undefined,
  trap: trapReason.NONE,
  stop: undefined,
  fatal: undefined,
  thrown: undefined,
  json: undefined,
  message: undefined,
  stack: undefined,
  fuel: 1,
  observed: 0,
  memoryBytes: 65_536,
};
const bytes = (text: string) => new TextEncoder().encode(text);
const trapped = new WebAssembly.RuntimeError('unreachable');

const becomes = test.macro({
  exec(
    t,
    change: Partial<StageEnd>,
    status: Outcome['status'],
    message: RegExp | undefined,
    intact: boolean,
  ) {
    const verdict = classify('SCRIPT', { ...end, ...change }, bounds);
    t.is(verdict.status, status);
    t.is(verdict.intact, intact);
    if (message && verdict.status !== 'OK') {
      t.regex(verdict.message, message);
      t.notRegex(verdict.message, /unreachable|wasm|panic|RuntimeError/i);
    }
  },
  title: (given) => given ?? '',
});

test('a result', becomes, { status: 0, json: bytes('[1]') }, 'OK', undefined, true);
test('a result too large', becomes, { status: 0, json: 10 }, 'RUNTIME_ERROR', /10 bytes/, true);
test(
  'no JSON',
  becomes,
  { status: 0, json: bytes('{') },
  'INTERNAL_SERVER_ERROR',
  /^internal error$/,
  false,
);
test(
  'no UTF-8',
  becomes,
  { status: 0, json: Uint8Array.of(0x22, 0xff, 0x22) },
  'INTERNAL_SERVER_ERROR',
  /^internal error$/,
  false,
);
test('no result', becomes, { status: 0 }, 'INTERNAL_SERVER_ERROR', /^internal error$/, false);
test('a throw', becomes, { status: 1, message: 'Error: x' }, 'RUNTIME_ERROR', /^Error: x$/, true);
test('a throw without words', becomes, { status: 1 }, 'INTERNAL_SERVER_ERROR', /^internal/, false);
test(
  'no fuel',
  becomes,
  { trap: trapReason.FUEL, stop: 'fuel', thrown: trapped },
  'OUT_OF_FUEL',
  /10 units/,
  false,
);
test(
  'no time',
  becomes,
  { trap: trapReason.FUEL, stop: 'time', thrown: trapped },
  'OUT_OF_TIME',
  /5 ms/,
  false,
);
test(
  'no memory',
  becomes,
  { trap: trapReason.MEMORY, thrown: trapped },
  'OUT_OF_MEMORY',
  /65536 bytes/,
  false,
);
test(
  'no stack',
  becomes,
  { trap: trapReason.STACK, thrown: trapped },
  'RUNTIME_ERROR',
  /^RangeError: Maximum call stack/,
  false,
);
test(
  'an impossible allocation',
  becomes,
  { fatal: { reason: fatalReason.MEMORY, text: 'x' }, thrown: trapped },
  'OUT_OF_MEMORY',
  /bytes/,
  false,
);
test(
  'a nesting too deep',
  becomes,
  { fatal: { reason: fatalReason.STACK, text: 'x' }, thrown: trapped },
  'RUNTIME_ERROR',
  /^RangeError/,
  false,
);
test(
  "V8's own stack",
  becomes,
  { thrown: new RangeError('Maximum call stack size exceeded') },
  'RUNTIME_ERROR',
  /^RangeError/,
  false,
);
test(
  'a panic',
  becomes,
  { fatal: { reason: fatalReason.PANIC, text: 'at src/x.rs' }, thrown: trapped },
  'INTERNAL_SERVER_ERROR',
  /^internal error$/,
  false,
);
test(
  'an unforeseen trap',
  becomes,
  { thrown: trapped },
  'INTERNAL_SERVER_ERROR',
  /^internal error$/,
  false,
);

test('the cause of an internal error is kept for the log', (t) => {
  const fatal = { reason: fatalReason.PANIC, text: 'index out of bounds' };
  const verdict = classify('INIT', { ...end, fatal, thrown: trapped }, bounds);
  t.regex(verdict.status === 'OK' ? '' : (verdict.cause ?? ''), /index out of bounds/);
});
