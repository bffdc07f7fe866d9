// New sandboxes: with nothing in them, and with a 50 kB init_script.

import { inCaller, inWorker, openAskedPaddock, type Place } from './paddock.ts';
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
  paddock: readonly Own[],
  peers: readonly Contender[],
  peer: (contender: Contender) => Contestant,
  turns: Turns,
): Promise<Figure[]> => {
  const own = paddock.map(({ contestant }) => contestant);
  const figures = await playTurns(section, [...own, ...peers.map(peer)], turns);
  for (const each of [...paddock, ...peers]) await each.close();
  return figures;
};

interface Own {
  readonly contestant: Contestant;
  readonly close: () => Promise<void>;
}

/**
 * What Paddock is asked, each time with an id that was never used. A worker thread lays them by
 * meanwhile; in the caller's thread each is ended, and so its slot reset, as part of the call.
 */
const newIds = async (
  place: Place,
  what: string,
  evaluation: () => Evaluation,
  expected: unknown,
): Promise<Own> => {
  const paddock = await openAskedPaddock(place);
  const ends = place === inCaller;
  let asked = 0;
  const call = async () => {
    const sandbox_id = `new ${++asked}`;
    await paddock.ask({ sandbox_id, ...evaluation() }, expected);
    if (ends) paddock.forget(sandbox_id);
  };
  const contestant = {
    name: place.name,
    note: `${what}${ends ? ', ended and its slot reset' : ''}; ${place.note}`,
    reference: place === inCaller,
    call,
    warm: paddock.forgetUsage,
    usage: paddock.usage,
  };
  return { contestant, close: paddock.close };
};

const bothPlaces = async (
  what: string,
  evaluation: () => Evaluation,
  expected: unknown,
): Promise<Own[]> => [
  await newIds(inCaller, what, evaluation, expected),
  await newIds(inWorker, what, evaluation, expected),
];

const oneShot = async (place: Place): Promise<Own> => {
  const paddock = await openAskedPaddock(place);
  const contestant = {
    name: `${place.name}, one-shot`,
    note: `sandbox_id null: made, used once, thrown away; ${place.note}`,
    call: () => paddock.ask({ sandbox_id: null, script: '1+1' }, 2),
    warm: paddock.forgetUsage,
    usage: paddock.usage,
  };
  return { contestant, close: paddock.close };
};

/** `1+1` in a sandbox that was not there before. */
export const measureFreshSandboxes = async (turns: Turns): Promise<Figure[]> => {
  const own = [
    ...(await bothPlaces('a sandbox_id new each time', () => ({ script: '1+1' }), 2)),
    await oneShot(inCaller),
    await oneShot(inWorker),
  ];
  const peers = [
    await openQuickJsWasi(),
    await openQuickJsWasiRestore(),
    openIsolatedVm(),
    openIsolatedVmContexts(),
    await openQuickJsShared(),
    openWorkerThreads(),
  ];
  const peer = (contender: Contender) => openEachTime(contender, () => ['1+1'], 2);
  return play('fresh 1+1', own, peers, peer, turns);
};

/** The first call of a sandbox whose init_script nobody has sent before. */
const measureFirstInit = async (turns: Turns): Promise<Figure[]> => {
  let serial = 0;
  const evaluation = () => ({ init_script: bigInitScript(++serial), script: bigInitCall });
  const own = await bothPlaces('an init_script never seen before, so it runs', evaluation, true);
  const peers = [
    await openQuickJsWasi(),
    openIsolatedVm(),
    openIsolatedVmContexts(),
    await openQuickJsShared(),
    openWorkerThreads(),
  ];
  const scripts = () => [bigInitScript(++serial), bigInitCall];
  const peer = (contender: Contender) => openEachTime(contender, scripts, true);
  return play('50 kB init, first time', own, peers, peer, turns);
};

/** The first call of a new sandbox whose init_script the caller has sent before. */
const measureKnownInit = async (turns: Turns): Promise<Figure[]> => {
  const init = bigInitScript(0);
  const evaluation = () => ({ init_script: init, script: bigInitCall });
  const own = await bothPlaces("the same caller's init_script as before", evaluation, true);
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
  return play('50 kB init, again', own, peers, peer, turns);
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
