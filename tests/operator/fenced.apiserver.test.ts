// An operator whose lease has ended writes nothing, whether it was stopped, came too late or its
// API server was away. The audit log is the witness.

import test from 'ava';
import { onOurs, oursOf } from '../cluster/cluster.ts';
import { poolObject } from '../helpers/operated-cluster.ts';
import { accountOf, namespace, Operators } from '../helpers/operators.ts';

const withAudit = onOurs(test.serial, 'the audit log');
let operators: Operators;

test.before(async () => {
  operators = await Operators.open();
});

test.after.always(() => operators.stop());

withAudit('stopped past its lease: it writes nothing when it goes on, and ends', async (t) => {
  const stopped = await operators.only();
  const next = await operators.start('eighth');
  await operators.isWarm(next);
  stopped.process.kill('SIGSTOP');
  await operators.leads(next);
  await operators.works('eighth');
  // Something to do for whoever believes to lead.
  await operators.cluster.apply(poolObject(namespace, 'eighth', { replicas: 3 }));
  const before = (await operators.cluster.audited()).length;
  t.is(await operators.kill(stopped, 'SIGCONT'), 1);
  t.regex(stopped.said(), /the lease is lost/);
  const after = (await operators.cluster.audited()).slice(before);
  const writes = after.filter(
    ({ user, verb }) =>
      user === accountOf(stopped.name) && !['get', 'list', 'watch'].includes(verb),
  );
  t.deepEqual(writes, []);
});

test.serial('from a laptop: whoever cannot have the lease ends with a word', async (t) => {
  const leader = await operators.only();
  const laptop = await operators.start('laptop', { KUBERNETES_SERVICE_HOST: undefined });
  t.is(await operators.ends(laptop), 3);
  t.regex(laptop.said(), /the lease paddock-system\/paddock-operator cannot be had/);
  t.is(await operators.holder(), leader.name);
});

onOurs(test.serial, 'an API server that may be killed')(
  'the API server goes and comes: the leader ends, who starts meanwhile waits',
  async (t) => {
    const leader = await operators.only();
    const plane = oursOf(operators.cluster.plane);
    const enrolled = await operators.enroll('ninth');
    await plane.stopApiServer();
    const ended = operators.ends(leader);
    const next = await operators.start('ninth', {}, enrolled);
    await operators.isWarm(next);
    // It cannot renew: from now on it must not write, and its successor begins anew.
    t.is(await ended, 1);
    await plane.startApiServer();
    await operators.leads(next);
    await operators.works('ninth');
  },
);
