// When a thread looks for its next message before it sleeps, and for how long.

import test from 'ava';
import { createLinger, createPoll } from '../../../runtime/worker/linger.ts';

/** A clock that goes on by one at each look. */
const clock = () => {
  let time = 0;
  return {
    now: () => time,
    pass: (ms: number): void => {
      time += ms;
    },
  };
};

const lingerOf = (onLook: (looks: number) => void) => {
  const { now, pass } = clock();
  let looks = 0;
  const look = (): void => {
    looks += 1;
    pass(1);
    onLook(looks);
  };
  const linger = createLinger({ look, now, lingerMs: 10, lingerMsMax: 25 });
  return { linger, pass, looks: () => looks };
};

test('who has just begun sleeps at once', (t) => {
  const { linger, looks } = lingerOf(() => undefined);
  linger.came();
  linger.stay();
  t.is(looks(), 0);
});

test('a message soon after the last: the next one is looked for, for so long', (t) => {
  const { linger, looks, pass } = lingerOf(() => undefined);
  linger.came();
  linger.stay();
  pass(9);
  linger.came();
  linger.stay();
  t.is(looks(), 10);
});

test('a message long after the last: nobody lingers', (t) => {
  const { linger, looks, pass } = lingerOf(() => undefined);
  linger.came();
  linger.stay();
  pass(10);
  linger.came();
  linger.stay();
  t.is(looks(), 0);
});

test('a message that comes meanwhile begins another time to linger, within the bound', (t) => {
  const { linger, looks } = lingerOf((count) => {
    if (count % 5 !== 0) return;
    linger.came();
    linger.stay();
  });
  linger.came();
  linger.stay();
  linger.came();
  linger.stay();
  t.is(looks(), 25);
});

test('one that throws while it is looked for leaves nothing behind', (t) => {
  const { linger, looks } = lingerOf((count) => {
    if (count === 1) throw new Error('broken');
  });
  linger.came();
  linger.stay();
  linger.came();
  t.throws(linger.stay, { message: 'broken' });
  linger.came();
  linger.stay();
  t.is(looks(), 11);
});

const pollOf = () => {
  const { now, pass } = clock();
  const turns: (() => void)[] = [];
  let looks = 0;
  const look = (): void => {
    looks += 1;
  };
  const poll = createPoll({ look, now, lingerMs: 10 }, (turn) => turns.push(turn));
  return {
    ...{ poll, pass, looks: () => looks, waiting: () => turns.length },
    turn: () => turns.shift()?.(),
  };
};

test('the first answer is not polled for; after a quick one the next is', (t) => {
  const { poll, pass, waiting } = pollOf();
  poll.sent();
  t.is(waiting(), 0);
  pass(3);
  poll.came();
  poll.sent();
  t.is(waiting(), 1);
});

test('polling ends with the answer, or when that has taken too long', (t) => {
  const { poll, pass, waiting, turn, looks } = pollOf();
  poll.sent();
  poll.came();
  poll.sent();
  turn();
  turn();
  t.deepEqual([looks(), waiting()], [2, 1]);
  poll.came();
  turn();
  t.is(waiting(), 0);
  poll.sent();
  pass(10);
  turn();
  t.is(waiting(), 0);
  poll.came();
  poll.sent();
  t.is(waiting(), 0);
});

test('many sent, one turn: the event loop is not asked twice', (t) => {
  const { poll, waiting } = pollOf();
  poll.sent();
  poll.came();
  poll.sent();
  poll.sent();
  t.is(waiting(), 1);
});

test('a message that nobody asked for says nothing of answers', (t) => {
  const { poll, pass, waiting } = pollOf();
  poll.came();
  poll.sent();
  pass(1);
  poll.came();
  pass(50);
  poll.came();
  poll.sent();
  t.is(waiting(), 1);
});
