// Router and runtime see one sandbox_id, however a body spells it.

import test from 'ava';
import { sandboxIdOf } from '../../../router/forward/request.ts';

const bodies: readonly (readonly [body: string, id: string | null | undefined])[] = [
  ['{"sandbox_id":"a"}', 'a'],
  ['{"sandbox_id":null}', null],
  ['{"sandbox_id":"\\u0061"}', 'a'],
  ['{"sandbox\\u005fid":"a"}', 'a'],
  ['{"sandbox_id":"a","sandbox_id":"b"}', 'b'],
  ['{"script":{"sandbox_id":"inner"}}', undefined],
  ['{"__proto__":{"sandbox_id":"inherited"}}', undefined],
  ['{"sandbox_id":7}', undefined],
  ['["sandbox_id"]', undefined],
  ['null', undefined],
  ['', undefined],
  ['{"sandbox_id":"a"', undefined],
];

for (const [body, id] of bodies) {
  test(`the sandbox_id of ${body === '' ? 'nothing' : body}`, (t) => {
    t.is(sandboxIdOf(Buffer.from(body)), id);
  });
}
