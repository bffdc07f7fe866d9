// New sandboxes: with nothing in them, and with a 50 kB init_script.

import { openAskedPaddock } from './paddock.ts';
import { openEachTime, playTurns, type Contestant, type Turns } from './turns.ts';
import { bigInitCall, bigInitScript } from './workload.ts';
import { openIsolatedVm, openIsolatedVmContexts } from '../contenders/isolated-vm.ts';
import { openQuickJsShared } from '../contenders/quickjs-emscripten.ts';
import { openQuickJsWasi, openQuickJsWasiRestore } from '../contenders/quickjs-wasi.ts';
import { openWorkerThreads } from '../contenders/worker-thread.ts';
import type { Contender } from '../contenders/contender.ts';
import type { Figure } from './figure.ts';
import type { Evaluation } from '../../../runtime/index.ts';

const play = async (
  section: string,
  paddock: readonly Contestant[],
  peers: readonly Contender[],
  peer: (contender: Contender) => Contestant,
  turns: Turns,
): Promise<Figure[]> => {
  const figures = await playTurns(section, [...paddock, ...peers.map(peer)], turns);
  for (const each of peers) await each.close();
  return figures;
};

/** What Paddock is asked, each time with an id that was never used. */
const newIds = async (
  name: string,
  note: string,
  evaluation: () => Evaluation,
  expected: unknown,
): Promise<[Contestant, close: () => Promise<void>]> => {
  const paddock = await openAskedPaddock();
  let asked = 0;
  const contestant = {
    name,
    note,
    reference: true,
    call: () => paddock.ask({ sandbox_id: `new ${++asked}`, ...evaluation() }, expected),
    warm: paddock.forgetUsage,
    usage: paddock.usage,
  };
  return [contestant, paddock.close];
};

const worker = 'its round trip to a worker thread included';

/** `1+1` in a sandbox that was not there before. */
export const measureFreshSandboxes = async (turns: Turns): Promise<Figure[]> => {
  const note = `a sandbox_id new each time, kept as all are; ${worker}`;
  const [kept, closeKept] = await newIds('Paddock', note, () => ({ script: '1+1' }), 2);
  const oneShot = await openAskedPaddock();
  const once: Contestant = {
    name: 'Paddock one-shot',
    note: `sandbox_id null: made, used once, thrown away; ${worker}`,
    call: () => oneShot.ask({ sandbox_id: null, script: '1+1' }, 2),
    warm: oneShot.forgetUsage,
    usage: oneShot.usage,
  };
  const peers = [
    await openQuickJsWasi(),
    await openQuickJsWasiRestore(),
    openIsolatedVm(),
    openIsolatedVmContexts(),
    await openQuickJsShared(),
    openWorkerThreads(),
  ];
  const peer = (contender: Contender) => openEachTime(contender, () => ['1+1'], 2);
  const figures = await play('fresh 1+1', [kept, once], peers, peer, turns);
  await closeKept();
  await oneShot.close();
  return figures;
};

/** The first call of a sandbox whose init_script nobody has sent before. */
const measureFirstInit = async (turns: Turns): Promise<Figure[]> => {
  let serial = 0;
  const evaluation = () => ({ init_script: bigInitScript(++serial), script: bigInitCall });
  const note = `an init_script never seen before, so it runs; ${worker}`;
  const [paddock, close] = await newIds('Paddock', note, evaluation, true);
  const peers = [
    await openQuickJsWasi(),
    openIsolatedVm(),
    openIsolatedVmContexts(),
    await openQuickJsShared(),
    openWorkerThreads(),
  ];
  const scripts = () => [bigInitScript(++serial), bigInitCall];
  const peer = (contender: Contender) => openEachTime(contender, scripts, true);
  const figures = await play('50 kB init, first time', [paddock], peers, peer, turns);
  await close();
  return figures;
};

/** The first call of a new sandbox whose init_script the caller has sent before. */
const measureKnownInit = async (turns: Turns): Promise<Figure[]> => {
  const init = bigInitScript(0);
  const evaluation = () => ({ init_script: init, script: bigInitCall });
  const note = `the same caller's init_script as before; ${worker}`;
  const [paddock, close] = await newIds('Paddock', note, evaluation, true);
  const prepared = [
    await openQuickJsWasiRestore(init),
    openIsolatedVm(init),
    openIsolatedVmContexts(init),
  ];
  const running = [await openQuickJsShared(), openWorkerThreads()];
  const peer = (contender: Contender) => {
    const runs = running.includes(contender);
    return openEachTime(contender, () => (runs ? [init, bigInitCall] : [bigInitCall]), true);
  };
  const peers = [...prepared, ...running];
  const figures = await play('50 kB init, again', [paddock], peers, peer, turns);
  await close();
  return figures;
};

/** Paddock's first time stands in both sections: its ratio is what an init image saves. */
export const measureInit = async (turns: Turns): Promise<Figure[]> => {
  const first = await measureFirstInit(turns);
  const [reference, ...peers] = await measureKnownInit(turns);
  const ran = first.filter((figure) => figure.reference);
  const section = reference?.section ?? '';
  const again = ran.map((figure) => ({
    ...figure,
    ...{ section, name: 'Paddock, first time', reference: false },
  }));
  return [...first, ...(reference ? [reference] : []), ...again, ...peers];
};
