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

const lingerOf = (onLook: (looks: number) => void, lingerMs = 10) => {
  const { now, pass } = clock();
  let looks = 0;
  const look = (): void => {
    looks += 1;
    pass(1);
    onLook(looks);
  };
  const linger = createLinger({ look, now, lingerMs, lingerMsMax: 25 });
  return { linger, pass, looks: () => looks };
};

test('another message is looked for, for so long', (t) => {
  const { linger, looks } = lingerOf(() => undefined);
  linger.came();
  linger.stay();
  t.is(looks(), 10);
});

test('in vain twice: then only now and then, until it was not', (t) => {
  let comes = false;
  const { linger, looks } = lingerOf(() => {
    if (comes) linger.came();
  });
  const stays = (times: number): number => {
    const before = looks();
    for (let time = 0; time < times; time++) linger.stay();
    return (looks() - before) / 10;
  };
  t.is(stays(2), 2);
  t.is(stays(15), 0);
  t.is(stays(1), 1);
  t.is(stays(160), 10);
  comes = true;
  t.is(stays(16), 1);
  t.is(stays(5), 5);
});

test('where nobody is to linger, nobody does', (t) => {
  const { linger, looks } = lingerOf(() => undefined, 0);
  linger.stay();
  t.is(looks(), 0);
});

test('a message that comes meanwhile begins another time to linger, within the bound', (t) => {
  const { linger, looks } = lingerOf((count) => {
    if (count % 5 !== 0) return;
    linger.came();
    linger.stay();
  });
  linger.stay();
  t.is(looks(), 25);
});

test('one that throws while it is looked for leaves nothing behind', (t) => {
  const { linger, looks } = lingerOf((count) => {
    if (count === 1) throw new Error('broken');
  });
  t.throws(linger.stay, { message: 'broken' });
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

test('polling ends with the answer, or when that has taken too long', (t) => {
  const { poll, pass, waiting, turn, looks } = pollOf();
  poll.sent();
  turn();
  turn();
  t.deepEqual([looks(), waiting()], [2, 1]);
  poll.came();
  turn();
  t.is(waiting(), 0);
  poll.sent();
  pass(9);
  turn();
  t.is(waiting(), 1);
  pass(1);
  turn();
  t.is(waiting(), 0);
});

test('in vain twice: then only now and then, until an answer was quick', (t) => {
  const { poll, pass, waiting, turn } = pollOf();
  const polled = (times: number, ms: number): number => {
    let count = 0;
    for (let time = 0; time < times; time++) {
      poll.sent();
      count += waiting();
      pass(ms);
      if (ms < 10) poll.came();
      turn();
      poll.came();
    }
    return count;
  };
  t.is(polled(2, 10), 2);
  t.is(polled(32, 10), 2);
  t.is(polled(16, 1), 1);
  t.is(polled(5, 1), 5);
});

test('many sent, one turn: the event loop is not asked twice', (t) => {
  const { poll, waiting } = pollOf();
  poll.sent();
  poll.sent();
  t.is(waiting(), 1);
});
