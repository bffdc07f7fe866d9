// Everything an interpreter can ask of the host: our own few lines of WASI and the `sandbox`
// module. node:wasi says of itself that it is not for untrusted code. Each pointer is checked by
// the views made here: a range outside memory throws, and the instance is discarded.

import { callRefusal, fatalReason, observation, resultKind } from './abi.ts';
import type { Call } from './call.ts';
import { noteWritten, type Notes } from './written.ts';
import { failureLimits, poolLimits } from '../../contract/limits.ts';

/** What the imports work on; set before the instance runs. */
export interface Host {
  memory: WebAssembly.Memory | undefined;
  notes: Notes | undefined;
  call: Call | undefined;
}

const errno = { SUCCESS: 0, BADF: 8, NOTSUP: 58 } as const;

/** Hash seeds come from here, once, at boot: constants, so that fuel is exact (see docs/design). */
const constantRandomByte = 0x5a;

const quantum = BigInt(poolLimits.quantumFuel);

const viewOf = (host: Host, pointer: number, length: number): Uint8Array => {
  if (!host.memory) throw new Error('the interpreter ran before its memory was known');
  const { buffer } = host.memory;
  const [at, bytes] = [pointer >>> 0, length >>> 0];
  if (at + bytes > buffer.byteLength) throw new Error(`no memory at ${at} for ${bytes} bytes`);
  return new Uint8Array(buffer, at, bytes);
};

/** The same to write to: noted, as the interpreter notes what it writes itself. */
const writable = (host: Host, pointer: number, length: number): Uint8Array => {
  const view = viewOf(host, pointer, length);
  if (host.notes) noteWritten(host.notes, view.byteOffset, view.byteLength);
  return view;
};

const dataOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

const fdWrite =
  (host: Host) =>
  (fd: number, vectors: number, count: number, written: number): number => {
    const output = fd === 1 ? host.call?.stdout : fd === 2 ? host.call?.stderr : undefined;
    if (!output) return errno.BADF;
    const table = dataOf(viewOf(host, vectors, count * 8));
    let total = 0;
    for (let i = 0; i < count; i++) {
      const bytes = viewOf(host, table.getUint32(8 * i, true), table.getUint32(8 * i + 4, true));
      output.write(bytes);
      total += bytes.length;
    }
    dataOf(writable(host, written, 4)).setUint32(0, total, true);
    return errno.SUCCESS;
  };

const observe = (host: Host, bits: number): void => {
  if (host.call) host.call.observed |= bits;
};

const wasi = (host: Host): WebAssembly.ModuleImports => ({
  fd_write: fdWrite(host),
  clock_time_get(_clock: number, _precision: bigint, pointer: number) {
    observe(host, observation.CLOCK);
    const nanoseconds = BigInt(Math.round(host.call?.now ?? 0)) * 1_000_000n;
    dataOf(writable(host, pointer, 8)).setBigUint64(0, BigInt.asUintN(64, nanoseconds), true);
    return errno.SUCCESS;
  },
  random_get(pointer: number, length: number) {
    writable(host, pointer, length).fill(constantRandomByte);
    return errno.SUCCESS;
  },
  environ_get: () => errno.SUCCESS,
  environ_sizes_get(count: number, bytes: number) {
    dataOf(writable(host, count, 4)).setUint32(0, 0, true);
    dataOf(writable(host, bytes, 4)).setUint32(0, 0, true);
    return errno.SUCCESS;
  },
  proc_exit(code: number) {
    throw new Error(`the interpreter asked to exit with ${code}`);
  },
  sched_yield: () => errno.SUCCESS,
  poll_oneoff: () => errno.NOTSUP,
});

const takeResult = (host: Host, kind: number, pointer: number, length: number): void => {
  const { call } = host;
  if (!call) return;
  const bytes = viewOf(host, pointer, length);
  if (kind === resultKind.JSON) {
    call.json = bytes.length > call.resultBytesMax ? bytes.length : bytes.slice();
  } else if (kind === resultKind.MESSAGE) {
    call.message = bytes.slice(0, failureLimits.messageBytesMax);
  } else if (kind === resultKind.STACK) {
    call.stack = bytes.slice(0, failureLimits.stackBytesMax);
  } else throw new Error(`the interpreter handed over a text of unknown kind ${kind}`);
};

const refuel = (host: Host): bigint => {
  const { call } = host;
  if (!call) return 0n;
  const stop = call.interrupt(call.fuelLeft) ?? (call.fuelLeft === 0n ? 'fuel' : undefined);
  if (stop !== undefined) {
    call.stop = stop;
    return 0n;
  }
  const grant = call.fuelLeft < quantum ? call.fuelLeft : quantum;
  call.fuelLeft -= grant;
  return grant;
};

const callHost = (
  host: Host,
  name: readonly [pointer: number, length: number],
  json: readonly [pointer: number, length: number],
): number => {
  const take = host.call?.callHost;
  if (!take) return callRefusal.REFUSED;
  observe(host, observation.HOST);
  return take(viewOf(host, ...name), viewOf(host, ...json));
};

/** The import object of one instance. */
export const importsOf = (host: Host): WebAssembly.Imports => ({
  wasi_snapshot_preview1: wasi(host),
  sandbox: {
    result(kind: number, pointer: number, length: number) {
      takeResult(host, kind, pointer, length);
    },
    fatal(reason: number, pointer: number, length: number) {
      const bytes = viewOf(host, pointer, Math.min(length >>> 0, failureLimits.messageBytesMax));
      const known = Object.values<number>(fatalReason).includes(reason);
      if (host.call && known) host.call.fatal = { reason, text: Buffer.from(bytes).toString() };
    },
    refuel: () => refuel(host),
    observed(what: number) {
      observe(host, what);
    },
    call: (name: number, nameBytes: number, json: number, jsonBytes: number) =>
      callHost(host, [name, nameBytes], [json, jsonBytes]),
  },
});
