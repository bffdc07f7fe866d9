// The README's pool, from helm install to its end, on a real node: who is served, by whom, within
// which walls, and what is left when it is gone.

import test from 'ava';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { setTimeout as sleep } from 'node:timers/promises';
import { routerLimits } from '../../contract/limits.ts';
import { onOurs, oursOf } from '../cluster/cluster.ts';
import { readAudited, silenceFor, writesIn } from '../helpers/audit.ts';
import { account, mayExecute } from '../helpers/callers.ts';
import {
  callFrom,
  clientPod,
  installCluster,
  restrictedNamespace,
  type Answer,
  type ClientCall,
  type InstalledCluster,
} from '../helpers/installed-cluster.ts';
import { inPod, metricsOf, podsBy, restartedIn, seriesOf, type Pod } from '../helpers/pods.ts';

const example = new URL('../../examples/sandboxpool/pool.yaml', import.meta.url);
const url = 'http://plugins.shop.svc/execute';
const audience = 'plugins.shop.sandboxpools.paddock.dev';
const fib = 'function fib(n) { return n <= 1 ? 1 : fib(n - 1) + fib(n - 2); }';

let cluster: InstalledCluster;
const withAudit = onOurs(test.serial, 'the audit log');

const call = async (one: ClientCall): Promise<Answer> => {
  const [answer] = await callFrom(cluster, 'customer', [one]);
  if (!answer) throw new Error('no answer');
  return answer;
};

const ofComponent = (component: string): string => `app.kubernetes.io/component=${component}`;

const podsOf = (component: string): Promise<readonly Pod[]> =>
  podsBy(cluster, 'shop', `paddock.dev/pool=plugins,${ofComponent(component)}`);

const ofOperators = async (): Promise<readonly string[]> => {
  const pods = await podsBy(cluster, 'paddock', ofComponent('operator'));
  return Promise.all(pods.map((pod) => metricsOf(cluster, 'paddock', pod)));
};

test.before(async () => {
  cluster = await installCluster();
  const { apply, images, kubectl } = cluster;
  await apply(
    restrictedNamespace('shop'),
    restrictedNamespace('customer'),
    account('customer', 'client'),
    account('customer', 'other'),
    account('customer', 'stranger'),
    mayExecute('shop', 'customer', 'client', 'other'),
    clientPod('customer', images.router, audience),
  );
  const pool = parse(await readFile(example, 'utf8')) as { metadata: object };
  await apply({ ...pool, metadata: { ...pool.metadata, namespace: 'shop' } });
  await kubectl('-n', 'shop', 'wait', '--for=condition=Ready', 'sbp/plugins', '--timeout=120s');
  await kubectl('-n', 'customer', 'wait', '--for=condition=Ready', 'pod/client', '--timeout=60s');
});

test.after.always(() => cluster.stop());

test.serial('a client of another namespace gets its result, and all came up at once', async (t) => {
  const { code, body } = await call({ url, body: { init_script: fib, script: 'fib(13)' } });
  t.is(code, 200);
  t.is(body['result'], 377);
  for (const each of ['shop', 'paddock']) t.deepEqual(await restartedIn(cluster, each), []);
});

test.serial('100 sandboxes count on through both routers in turn, on all three pods', async (t) => {
  const routers = await podsOf('router');
  t.is(routers.length, 2);
  const rounds = [0, 1, 2, 3].flatMap((round) =>
    Array.from({ length: 100 }, (_, id) => ({
      url: `http://${routers[round % 2]?.status.podIP ?? ''}:8080/execute`,
      body: { sandbox_id: `s${id}`, init_script: 'let n = 0', script: '++n' },
    })),
  );
  const answers = await callFrom(cluster, 'customer', rounds);
  t.deepEqual(
    answers.map(({ body }) => body['result']),
    [1, 2, 3, 4].flatMap((count) => Array.from({ length: 100 }, () => count)),
  );
  const runtimes = await podsOf('runtime');
  t.is(runtimes.length, 3);
  for (const pod of runtimes) {
    const text = await metricsOf(cluster, 'shop', pod);
    const [, served = '0'] = /^paddock_evaluations_total\{status="OK"\} (\d+)$/m.exec(text) ?? [];
    t.true(Number(served) >= 40, `${pod.metadata.name} served ${served}`);
  }
});

test.serial('routers, runtimes and the operator tell what they do, in numbers', async (t) => {
  const ofFirst = async (component: string): Promise<string> => {
    const [pod] = await podsOf(component);
    return pod ? metricsOf(cluster, 'shop', pod) : '';
  };
  const ofRouter = await ofFirst('router');
  t.regex(ofRouter, /^paddock_ring_members 3$/m);
  t.regex(ofRouter, /^http_server_request_duration_seconds_count\{.*\} [1-9]/m);
  const ofRuntime = await ofFirst('runtime');
  t.regex(ofRuntime, /^http_server_request_duration_seconds_count\{.*\} [1-9]/m);
  t.regex(ofRuntime, /^paddock_fuel_total [1-9]/m);
  const texts = await ofOperators();
  // Of two, one works and one waits.
  const [leader = '', ...others] = texts.filter((text) =>
    /^controller_runtime_reconcile_total\{result="success"\} [1-9]/m.test(text),
  );
  t.deepEqual(others, []);
  t.regex(leader, /^workqueue_adds_total [1-9]/m);
  t.regex(leader, /^workqueue_depth 0$/m);
});

test.serial('no metric has a label for a sandbox, nor series for their number', async (t) => {
  const routers = await podsOf('router');
  /** Ids in bodies and paths, where they belong and where not. */
  const callsWith = (prefix: string, count: number): readonly ClientCall[] =>
    Array.from({ length: count }, (_, each) => `${prefix}-${each}`).flatMap((id, each) => {
      const to = `http://${routers[each % routers.length]?.status.podIP ?? ''}:8080`;
      const body = { sandbox_id: id, script: '1' };
      return [
        { url: `${to}/execute`, body },
        { url: `${to}/sandboxes/${id}`, method: 'DELETE' },
        { url: `${to}/sandboxes/${id}`, body },
        { url: `${to}/${id}`, body },
      ];
    });
  const ofAll = async (): Promise<readonly string[]> => {
    const pods = [...routers, ...(await podsOf('runtime'))];
    const texts = await Promise.all(pods.map((pod) => metricsOf(cluster, 'shop', pod)));
    return [...texts, ...(await ofOperators())];
  };
  // So many that each pod has had a call of each kind.
  await callFrom(cluster, 'customer', callsWith('kite', 60));
  const before = (await ofAll()).map(seriesOf);
  const answers = await callFrom(cluster, 'customer', callsWith('heron', 120));
  t.deepEqual([...new Set(answers.map(({ code }) => code))].toSorted(), [200, 204, 404, 405]);
  const after = await ofAll();
  t.is(after.length, 7);
  t.deepEqual(after.map(seriesOf), before);
  for (const text of after) t.notRegex(text, /kite|heron|system:serviceaccount/);
});

withAudit('calls cost the API server nothing: no write, no review but the refresh', async (t) => {
  const asked = async (): Promise<number> => {
    const log = await readAudited(oursOf(cluster).auditLog);
    return log.filter(
      ({ verb, user }) =>
        verb === 'create' && user.startsWith('system:serviceaccount:shop:plugins-'),
    ).length;
  };
  const before = await asked();
  const since = performance.now();
  const calls = Array.from({ length: 300 }, (_, id) => ({
    url,
    body: { sandbox_id: `new${id}`, init_script: '', script: '1' },
  }));
  const answers = await callFrom(cluster, 'customer', calls);
  t.true(answers.every(({ code }) => code === 200));
  // Two routers, each with two reviews whenever the one caller's answer is old.
  const refreshes = Math.ceil((performance.now() - since) / routerLimits.authFreshMs);
  t.true((await asked()) - before <= 4 * refreshes);
});

test.serial('who says nothing, says it to another, or has no role is refused', async (t) => {
  const { kubectl } = cluster;
  const body = { script: '1' };
  const none = await call({ url, token: '', body });
  t.deepEqual([none.code, none.body.status], [401, 'UNAUTHENTICATED']);
  const wrong = await kubectl('-n', 'customer', 'create', 'token', 'client', '--audience=else');
  const misaddressed = await call({ url, token: wrong.trim(), body });
  t.is(misaddressed.code, 401);
  t.true(String(misaddressed.body['message']).includes(audience));
  const token = await kubectl(
    ...['-n', 'customer', 'create', 'token', 'stranger', `--audience=${audience}`],
  );
  const stranger = await call({ url, token: token.trim(), body });
  t.deepEqual([stranger.code, stranger.body.status], [403, 'FORBIDDEN']);
});

test.serial('no caller reaches the sandbox of another, whatever headers it sends', async (t) => {
  const secret = { sandbox_id: 'mine', init_script: 'let n = 0', script: '++n' };
  t.is((await call({ url, body: secret })).body['result'], 1);
  const token = await cluster.kubectl(
    ...['-n', 'customer', 'create', 'token', 'other', `--audience=${audience}`],
  );
  const victim = Buffer.from('39:system:serviceaccount:customer:client').toString('base64url');
  const headers = { 'paddock-caller': victim, 'x-forwarded-user': 'client' };
  const stolen = await call({ url, token: token.trim(), headers, body: secret });
  t.is(stolen.body['result'], 1);
  t.is((await call({ url, body: secret })).body['result'], 2);
});

test.serial('a runtime pod serves nobody but its routers', async (t) => {
  const [runtime] = await podsOf('runtime');
  const ip = runtime?.status.podIP ?? '';
  const direct = await call({ url: `https://${ip}:8443/execute`, body: { script: '1' } });
  t.is(direct.code, 0);
  // Whoever does not ask for its certificate is asked for one.
  const trusting =
    `const asking = require("node:https").get("https://${ip}:8443/", ` +
    '{ rejectUnauthorized: false, timeout: 10000 }, (r) => console.log(r.statusCode));' +
    'asking.on("timeout", () => asking.destroy(new Error("silence")));' +
    'asking.on("error", (error) => console.log(`refused: ${error.code ?? error.message}`));';
  t.regex(await inPod(cluster, 'customer', 'client', trusting), /^refused: /);
  const probe = await call({ url: `http://${ip}:8081/execute`, body: { script: '1' } });
  t.is(probe.code, 404);
});

test.serial('runtime pods are in gVisor, without root, token or capabilities', async (t) => {
  const pods = await podsOf('runtime');
  for (const { metadata, spec } of pods) {
    t.is(spec['runtimeClassName'], 'gvisor');
    t.is(spec['automountServiceAccountToken'], false);
    const look =
      'const { readFileSync, existsSync } = require("node:fs");' +
      'const status = readFileSync("/proc/self/status", "utf8");' +
      'const caps = /CapEff:\\s*(\\w+)/.exec(status)[1];' +
      'const token = existsSync("/var/run/secrets/kubernetes.io/serviceaccount/token");' +
      'console.log(JSON.stringify([os.release(), process.getuid(), Number("0x" + caps), token]))';
    const [release, uid, capabilities, token] = JSON.parse(
      await inPod(cluster, 'shop', metadata.name, look),
    ) as readonly [string, number, number, boolean];
    t.regex(release, /gvisor/);
    t.deepEqual([uid, capabilities, token], [65_532, 0, false]);
  }
});

test.serial('kubectl scale goes down to one and up again, each state Ready', async (t) => {
  const { kubectl, until } = cluster;
  for (const replicas of [1, 3]) {
    await kubectl('-n', 'shop', 'scale', 'sbp/plugins', `--replicas=${replicas}`);
    await until(`${replicas} pods`, async () => {
      const path = 'jsonpath={.status.replicas} {.status.ready} {.status.updated}';
      const counts = await kubectl('-n', 'shop', 'get', 'sbp', 'plugins', '-o', path);
      const { status } = await cluster.condition('plugins', 'shop', 'Ready');
      return counts === `${replicas} ${replicas} ${replicas}` && status === 'True';
    });
    t.is((await call({ url, body: { script: '6 * 7' } })).body['result'], 42);
  }
});

withAudit('steady state: nobody writes anything but renewals of leases', async (t) => {
  const written = async () =>
    writesIn(await readAudited(oursOf(cluster).auditLog), 'shop', 'paddock');
  // Pods of the test before may still be on their way out.
  let count = -1;
  await cluster.until('ten seconds without a write', async () => {
    const before = count;
    count = (await written()).length;
    if (count !== before) await sleep(10_000);
    return count === before;
  });
  const silenceMs = silenceFor();
  t.timeout(silenceMs + 60_000);
  await sleep(silenceMs);
  t.deepEqual((await written()).slice(count), []);
  t.log(`no write in ${Math.round(silenceMs / 1000)} s`);
});

test.serial('helm test makes a pool of its own, and passes', async (t) => {
  const logs = await cluster.helm(
    ...['test', 'paddock', '--namespace', 'paddock', '--logs', '--timeout', '150s'],
  );
  t.regex(logs, /Phase:\s+Succeeded/);
  for (const check of [
    'execute round trip',
    'one sandbox for one id',
    'fuel ends an endless loop',
  ]) {
    t.true(logs.includes(`ok ${check}`), logs);
  }
});

test.serial(
  'a pool that is deleted takes its children along; uninstall leaves the CRD',
  async (t) => {
    const { kubectl, helm, until } = cluster;
    await kubectl('-n', 'shop', 'delete', 'sbp', 'plugins');
    const kinds = 'deploy,svc,sa,netpol,pdb,rolebinding,secret';
    await until('the children are gone', async () => {
      const left = await kubectl('-n', 'shop', 'get', kinds, '-o', 'name');
      return left.split('\n').every((name) => !name.includes('plugins'));
    });
    await until('no router of it may have tokens reviewed', async () => {
      const path = 'jsonpath={.subjects}';
      return (await kubectl('get', 'clusterrolebinding', 'paddock-tokenreview', '-o', path)) === '';
    });
    await helm('uninstall', 'paddock', '--namespace', 'paddock', '--wait');
    const roles = await kubectl('get', 'clusterrole,clusterrolebinding', '-o', 'name');
    t.notRegex(roles, /\/paddock-(?!test)/);
    t.true((await kubectl('get', 'crd', '-o', 'name')).includes('sandboxpools.paddock.dev'));
  },
);
