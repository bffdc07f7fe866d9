// npm run bench:jspi: what it costs to suspend a call at each refuel by JSPI (JavaScript Promise
// Integration), and what it does to deep recursion. docs/design/0007 says why we do not use it.

import { Worker, isMainThread } from 'node:worker_threads';
import { importsOf, type Host } from '../../runtime/engine/imports.ts';
import { silentOutput, type Call } from '../../runtime/engine/call.ts';
import { loadModule } from '../../runtime/engine/module.ts';
import { poolLimits } from '../../contract/limits.ts';
import type { InterpreterExports } from '../../runtime/engine/abi.ts';
import { median } from './statistics.ts';
import { formatMs, formatTable } from './table.ts';

type Evaluate = (...args: Parameters<InterpreterExports['evaluate']>) => unknown;

/** What TypeScript's library does not know yet. */
interface Jspi {
  readonly Suspending: new (run: () => unknown) => WebAssembly.ImportValue;
  readonly promising: (run: Evaluate) => Evaluate;
}

const { Suspending, promising } = WebAssembly as unknown as Jspi;
const bootFuel = 10_000_000_000n;
/** Granted before the call, since the texts are allocated outside of it. */
const startFuel = 100_000n;

const callOf = (fuelLeft: bigint): Call => ({
  ...{ now: 0, stdout: silentOutput, stderr: silentOutput, resultBytesMax: 100_000, fuelLeft },
  ...{ observed: 0, interrupt: () => undefined },
});

const open = (
  module: WebAssembly.Module,
  quantum: bigint,
  wrap?: (grant: () => bigint) => () => unknown,
) => {
  const host: Host = { memory: undefined, notes: undefined, call: callOf(0n) };
  const imports = importsOf(host);
  const grant = (): bigint => {
    const left = host.call?.fuelLeft ?? 0n;
    const units = left < quantum ? left : quantum;
    if (host.call) host.call.fuelLeft = left - units;
    return units;
  };
  const refuel = wrap ? new Suspending(wrap(grant)) : grant;
  const all = { ...imports, sandbox: { ...imports['sandbox'], refuel } };
  const instance = new WebAssembly.Instance(module, all);
  const exports = instance.exports as unknown as InterpreterExports;
  host.memory = exports.memory;
  exports['meter.fuel'].value = bootFuel;
  exports._initialize?.();
  exports.boot(0);
  const evaluate: Evaluate = wrap ? promising(exports.evaluate) : exports.evaluate;
  return async (script: string): Promise<string> => {
    host.call = callOf(bootFuel);
    exports['meter.fuel'].value = startFuel;
    const bytes = Buffer.from(script);
    const at = exports.allocate(bytes.length) >>> 0;
    new Uint8Array(exports.memory.buffer).set(bytes, at);
    await evaluate(0, at, bytes.length, 0, 0, 0, 1n, 2 ** 26);
    const { json, message } = host.call;
    return Buffer.from(typeof json === 'object' ? json : (message ?? [])).toString();
  };
};

const rounds = 400;
const scripts = {
  '1+1': '1 + 1',
  '100 refuels': 'let s = 0; for (let i = 0; i < 1e5; i++) s += i; s',
};
const deep = {
  '5,000 nested calls': '(function f(n) { return n ? 1 + f(n - 1) : 0 })(5000)',
  'native recursion without end': '(function f() { return [1].map(f) })()',
};

const measure = async (): Promise<void> => {
  const { module } = await loadModule();
  const quantum = BigInt(poolLimits.quantumFuel) / 200n;
  const ways = {
    direct: open(module, quantum),
    'promising, never suspended': open(module, quantum, (grant) => grant),
    'suspended at each refuel': open(module, quantum, (grant) => () => Promise.resolve(grant())),
  };
  const rows = [['', ...Object.keys(scripts), ...Object.keys(deep)]];
  for (const [name, run] of Object.entries(ways)) {
    const row = [name];
    for (const script of Object.values(scripts)) {
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const begun = performance.now();
        await run(script);
        times.push(performance.now() - begun);
      }
      row.push(formatMs(median(times.slice(rounds / 2))));
    }
    for (const script of Object.values(deep)) {
      row.push(await run(script).catch(() => 'the instance is lost'));
    }
    rows.push(row);
  }
  process.stdout.write(`${formatTable(rows)}\n`);
};

// On a thread with the stack that a worker of the pool has.
if (isMainThread) {
  new Worker(new URL(import.meta.url), {
    resourceLimits: { stackSizeMb: poolLimits.workerStackMb },
  });
} else await measure();
