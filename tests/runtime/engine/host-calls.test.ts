// What a stage may ask of the host: numbered, copied, bounded.

import test from 'ava';
import { hostFunctionLimits } from '../../../contract/limits.ts';
import { callRefusal } from '../../../runtime/engine/abi.ts';
import { createHostCalls } from '../../../runtime/engine/host-calls.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('calls are numbered and told of once', (t) => {
  const calls = createHostCalls();
  const json = bytes('[1]');
  t.deepEqual([calls.take(bytes('a'), json), calls.take(bytes('b'), bytes('2'))], [0, 1]);
  json.fill(0);
  t.deepEqual(calls.fresh(), [
    { id: 0, name: 'a', json: '[1]' },
    { id: 1, name: 'b', json: '2' },
  ]);
  t.deepEqual(calls.fresh(), []);
});

test('too long, too many unanswered, too many in all: each is refused', (t) => {
  const calls = createHostCalls();
  const take = () => calls.take(bytes('a'), bytes('1'));
  const long = new Uint8Array(hostFunctionLimits.argumentBytesMax + 1);
  t.is(calls.take(bytes('a'), long), callRefusal.TOO_LONG);
  for (let index = 0; index < hostFunctionLimits.unansweredMax; index++) t.is(take(), index);
  t.is(take(), callRefusal.TOO_MANY);
  calls.answered(1);
  t.is(take(), hostFunctionLimits.unansweredMax);
  for (
    let index = hostFunctionLimits.unansweredMax + 1;
    index < hostFunctionLimits.callsMax;
    index++
  ) {
    calls.answered(1);
    take();
  }
  calls.answered(1);
  t.is(take(), callRefusal.TOO_MANY);
});
