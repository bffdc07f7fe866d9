// Sandboxes that are there already: live in memory, or laid by and brought back.

import { gunzipSync, gzipSync } from 'node:zlib';
import { inCaller, inWorker, openAskedPaddock, type Place } from './paddock.ts';
import { expectValue, playTurns, type Contestant, type Turns } from './turns.ts';
import { inhabitantOf, visitScript } from './workload.ts';
import { openIsolatedVm } from '../contenders/isolated-vm.ts';
import { versionOf } from '../contenders/peer.ts';
import { openQuickJsShared } from '../contenders/quickjs-emscripten.ts';
import { loadQuickJsWasi, openQuickJsWasi, type Snapshot } from '../contenders/quickjs-wasi.ts';
import { openWorkerThreads } from '../contenders/worker-thread.ts';
import type { Contender } from '../contenders/contender.ts';
import type { Figure } from './figure.ts';

const livePeer = async (contender: Contender): Promise<Contestant> => {
  const sandbox = await contender.open();
  const check = (value: unknown) => {
    expectValue(value, 2);
  };
  return {
    name: contender.name,
    note: `${contender.version}: ${contender.note}`,
    call: () => {
      const value = sandbox.evaluate('1+1');
      if (value instanceof Promise) return value.then(check);
      check(value);
      return undefined;
    },
  };
};

const liveOwn = async (place: Place) => {
  const paddock = await openAskedPaddock(place);
  const contestant: Contestant = {
    name: place.name,
    note: `one sandbox_id, journal and checkpoints included; ${place.note}`,
    reference: place === inCaller,
    call: () => paddock.ask({ sandbox_id: 'live', script: '1+1' }, 2),
    warm: paddock.forgetUsage,
    usage: paddock.usage,
  };
  return { contestant, close: paddock.close };
};

/** `1+1` in one sandbox, again and again. */
export const measureLiveSandbox = async (turns: Turns): Promise<Figure[]> => {
  const own = [await liveOwn(inCaller), await liveOwn(inWorker)];
  const peers = [
    await openQuickJsWasi(),
    openIsolatedVm(),
    await openQuickJsShared(),
    openWorkerThreads(),
  ];
  const contestants = own.map(({ contestant }) => contestant);
  for (const peer of peers) contestants.push(await livePeer(peer));
  const figures = await playTurns('live 1+1', contestants, turns);
  // The live sandboxes of the peers end with the process.
  for (const { close } of own) await close();
  return figures;
};

interface Kept<State> {
  readonly keep: (snapshot: Snapshot) => State;
  readonly restore: (state: State) => Snapshot;
}

/** quickjs-wasi: each sandbox's own snapshot restored, asked, and kept again or not. */
const snapshotPeer = async <State>(
  name: string,
  note: string,
  count: number,
  { keep, restore }: Kept<State>,
  keepsAgain: boolean,
): Promise<Contestant> => {
  const quickJs = await loadQuickJsWasi();
  const states: State[] = [];
  const visits = Array.from({ length: count }, () => 0);
  for (let id = 0; id < count; id++) {
    const sandbox = await quickJs.create();
    sandbox.evaluate(inhabitantOf(id).script);
    states.push(keep(sandbox.snapshot()));
    sandbox.dispose();
  }
  let asked = 0;
  return {
    name,
    note: `${versionOf('quickjs-wasi')}: ${count} ids; ${note}`,
    call: async () => {
      const id = asked++ % count;
      const state = states[id];
      if (state === undefined) throw new Error(`no snapshot of ${id}`);
      const sandbox = await quickJs.restore(restore(state));
      const before = visits[id] ?? 0;
      expectValue(sandbox.evaluate(visitScript), before + 1);
      if (keepsAgain) {
        states[id] = keep(sandbox.snapshot());
        visits[id] = before + 1;
      }
      sandbox.dispose();
    },
  };
};

/** Paddock's ids in turn. A count that begins anew shows a sandbox that was not kept. */
const roundRobin = async (place: Place, count: number) => {
  const paddock = await openAskedPaddock(place);
  const sandboxId = (id: number) => `dormant ${id}`;
  for (let id = 0; id < count; id++) {
    const { script, value } = inhabitantOf(id);
    await paddock.ask({ sandbox_id: sandboxId(id), script }, value);
    // The first visit, so that the second shows already whether the sandbox was kept.
    await paddock.ask({ sandbox_id: sandboxId(id), script: visitScript }, 1);
  }
  const visits = Array.from({ length: count }, () => 1);
  let asked = 0;
  let lost = 0;
  const call = async () => {
    const id = asked++ % count;
    const value = await paddock.value({ sandbox_id: sandboxId(id), script: visitScript });
    const expected = (visits[id] ?? 0) + 1;
    if (value !== expected) lost++;
    visits[id] = Number(value);
  };
  const contestant: Contestant = {
    name: place.name,
    note: `${count} ids in turn, state changed by each visit and kept; ${place.note}`,
    reference: place === inCaller,
    call,
    warm: paddock.forgetUsage,
    usage: () => ({ ...paddock.usage(), kept: 1 - lost / asked }),
  };
  return { contestant, close: paddock.close };
};

/** Many more sandboxes than are kept live, visited in turn; each visit changes its state. */
export const measureDormant = async (turns: Turns, quick: boolean): Promise<Figure[]> => {
  const [count, peerCount] = quick ? [500, 50] : [2_000, 200];
  const own = [await roundRobin(inCaller, count), await roundRobin(inWorker, count)];
  const raw: Kept<Snapshot> = { keep: (state) => state, restore: (state) => state };
  const quickJs = await loadQuickJsWasi();
  const zipped: Kept<Uint8Array> = {
    keep: (state) => gzipSync(quickJs.serialize(state)),
    restore: (state) => quickJs.deserialize(gunzipSync(state)),
  };
  const name = 'quickjs-wasi restore';
  const snapshot = 'own snapshot in memory';
  const contestants = [
    ...own.map(({ contestant }) => contestant),
    await snapshotPeer(name, `${snapshot}, the change dropped`, peerCount, raw, false),
    await snapshotPeer(`${name} + snapshot`, `${snapshot}, taken anew`, peerCount, raw, true),
    await snapshotPeer(
      `${name}, gzip`,
      `${snapshot}, gzipped; change dropped`,
      peerCount,
      zipped,
      false,
    ),
  ];
  const figures = await playTurns('dormant to result', contestants, turns);
  for (const { close } of own) await close();
  return figures;
};
