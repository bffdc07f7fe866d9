// Follows sandboxes through their calls: where each comes from, and what is remembered of it.

import { entryOf, type Task } from '../sandbox/evaluate.ts';
import type { NamedImage } from '../sandbox/init-image.ts';
import { append, entriesOf } from '../sandbox/journal.ts';
import { type Directory } from './directory.ts';
import { newPast, type Past, type Resident } from './resident.ts';
import type { Archive } from './archive.ts';
import type { InitImages } from './init-images.ts';
import type { CheckpointMessage, EvaluatedMessage, EvaluateMessage } from './protocol.ts';
import type { News, Origin } from './protocol.ts';
import type { Job } from './queue.ts';
import type { Room } from './room.ts';
import type { Seat, Work } from './seat.ts';
import { giveBack } from './spent.ts';

type Prepared = Pick<EvaluateMessage, 'origin' | 'news'> & {
  readonly resident: Resident | undefined;
};

export interface Sandboxes {
  /** The sandbox that a job continues; it begins another when its init_script is another. */
  readonly currentOf: (job: Job) => Resident | undefined;
  /** Where the sandbox of a job comes from, and what its worker must know; marks it as busy. */
  readonly prepare: (seat: Seat, job: Job, resident: Resident | undefined) => Prepared;
  /** Takes note of what a call came to, and makes room. */
  readonly settle: (seat: Seat, work: Work, message: EvaluatedMessage) => void;
  readonly checkpointed: (seat: Seat, message: CheckpointMessage) => void;
  /** The sandbox is what it was before its present call, or not there if that made it. */
  readonly rollBack: (resident: Resident, isNew: boolean) => void;
}

export interface SandboxesOptions {
  readonly directory: Directory;
  readonly room: Room;
  readonly archive: Archive;
  readonly images: InitImages;
  /** A sandbox that was on disk is here, or it cannot be had. */
  readonly onLoaded: () => void;
}

/** Of the same caller, the same init_script, and the memory by which its GC goes. */
const imageKeyOf = ({ caller, initDigest, task }: Job): string =>
  `${initDigest}:${task.limits.memoryBytesMax}:${caller}`;

const originOf = (resident: Resident, seat: Seat): Origin => {
  const { sandbox, home } = resident;
  const { image, checkpoint, journal } = resident.past;
  // The weight alone: what is sent is copied, and the worker has no use for the entries.
  const { entries, fuel, bytes } = journal;
  if (home === seat.index) return { kind: 'live', sandbox, since: { entries, fuel, bytes } };
  const past = { image: image?.id, checkpoint, journal: entriesOf(journal) };
  return { kind: 'dormant', sandbox, ...past };
};

const newOrigin = (sandbox: number | undefined, image: NamedImage | undefined): Origin =>
  image ? { kind: 'new', sandbox, image: image.id } : { kind: 'new', sandbox };

const hasInit = ({ init_script }: Task): boolean => init_script !== '';

/** The sandbox that this is of; a thread that is new in its seat knows of none. */
const awaited = (seat: Seat, { kind, sandbox }: CheckpointMessage): Resident | undefined => {
  if (kind === 'replayed') return seat.work?.resident;
  const resident = kind === 'checkpoint' ? seat.checkpointing : seat.resting.get(sandbox);
  if (kind === 'checkpoint') seat.checkpointing = undefined;
  else seat.resting.delete(sandbox);
  return resident;
};

/** A new sandbox and the image that it starts from, if there is one that it may use. */
const make = (job: Job, directory: Directory, images: InitImages) => {
  const { fuelMax } = job.task.limits;
  const image = hasInit(job.task) ? images.find(imageKeyOf(job), fuelMax) : undefined;
  if (job.key === null) return { resident: undefined, image };
  return { resident: directory.enter(job.key, job.initDigest, newPast(image)), image };
};

/** What a sandbox is after a call, over the image that it has made. */
const pastAfter = (
  past: Past,
  image: NamedImage | undefined,
  task: Task,
  { checkpoint, ran }: EvaluatedMessage,
): Past => {
  const before = image ? newPast(image) : past;
  if (checkpoint) return { ...newPast(before.image), checkpoint };
  const entries = ran.map(({ stage, fuel }) => entryOf(task, stage, fuel));
  return { ...before, journal: append(before.journal, entries) };
};

/** A sandbox that may be on disk; it is busy until it is here. */
const load = (key: string, options: SandboxesOptions): Resident | undefined => {
  const { directory, archive, onLoaded } = options;
  if (!archive.has(key)) return undefined;
  const resident = directory.enter(key, '', newPast());
  resident.usedAt = performance.now();
  void archive.load(key).then((found) => {
    resident.busy = false;
    if (found) {
      resident.initDigest = found.initDigest;
      directory.remember(resident, found.past);
    } else {
      // Another may have been made and written under this key while this one was read.
      if (!resident.gone) archive.remove(key);
      directory.strike(resident);
    }
    onLoaded();
  });
  return resident;
};

/** It is live where its call ran, and busy while a checkpoint of it is made there. */
const keep = (
  directory: Directory,
  seat: Seat,
  resident: Resident,
  { slotBytes, checkpointing }: EvaluatedMessage,
): void => {
  directory.settle(resident, seat.index, slotBytes, performance.now());
  if (!checkpointing) return;
  resident.busy = true;
  seat.checkpointing = resident;
};

const newsFor = (seat: Seat, image: NamedImage | undefined): News | undefined => {
  const { forget, known } = seat;
  const { learn, unlearn } = known.teach(image);
  if (forget.length + learn.length + unlearn.length === 0) return undefined;
  seat.forget = [];
  return { forget, learn, unlearn };
};

/** Keeps the books of `directory`. */
export const createSandboxes = (options: SandboxesOptions): Sandboxes => {
  const { directory, room, archive, images } = options;

  const rollBack = (resident: Resident, isNew: boolean): void => {
    resident.busy = false;
    if (isNew) directory.strike(resident);
    else directory.unsettle(resident);
  };
  return {
    rollBack,
    currentOf(job) {
      if (job.key === null) return undefined;
      const resident = directory.find(job.key) ?? load(job.key, options);
      const isOurs = resident?.busy === true || resident?.initDigest === job.initDigest;
      return isOurs ? resident : undefined;
    },
    prepare(seat, job, found) {
      // Not before: a job that is withdrawn in the queue leaves everything as it is.
      const replaced = !found && job.key !== null ? directory.find(job.key) : undefined;
      if (replaced) room.end(replaced);
      const made = found
        ? { resident: found, image: found.past.image }
        : make(job, directory, images);
      const { resident, image } = made;
      const origin = found ? originOf(found, seat) : newOrigin(resident?.sandbox, image);
      if (found && origin.kind === 'dormant') room.leave(found);
      if (resident) {
        resident.busy = true;
        directory.use(resident, performance.now());
      }
      return { resident, origin, news: newsFor(seat, image) };
    },
    settle(seat, { job, resident, origin, ended }, message) {
      const { outcome, image } = message;
      const named = image && images.keep(imageKeyOf(job), image);
      if (!resident) return;
      resident.busy = false;
      // Whoever withdrew the call was told that it is undone, however far it had come by then.
      if (ended.isOver()) rollBack(resident, origin === 'new');
      if (resident.gone || ended.isOver()) {
        if (outcome.state === 'kept') seat.forget.push(resident.sandbox);
      } else if (outcome.state === 'lost') {
        directory.strike(resident);
        archive.remove(resident.key);
      } else {
        const past = pastAfter(resident.past, named, job.task, message);
        if (outcome.state === 'kept' || origin === 'new') {
          directory.remember(resident, past);
          archive.touch(resident);
        }
        if (outcome.state === 'kept') keep(directory, seat, resident, message);
        else directory.unsettle(resident);
        room.make(seat);
      }
    },
    checkpointed(seat, message) {
      const { kind, sandbox, bytes } = message;
      const resident = awaited(seat, message);
      if (!resident) return;
      const { image, checkpoint } = resident.past;
      directory.remember(resident, { ...newPast(image), checkpoint: bytes });
      if (checkpoint) giveBack(checkpoint);
      archive.touch(resident);
      if (kind === 'replayed') return;
      resident.busy = false;
      if (resident.gone && kind === 'checkpoint') seat.forget.push(sandbox);
      room.make(seat);
    },
  };
};
