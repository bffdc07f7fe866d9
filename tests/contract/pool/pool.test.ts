// What a SandboxPool's spec may say, and how it is told what is wrong with it.

import test from 'ava';
import { validateSpec } from '../../../contract/pool/pool.ts';

const right: readonly object[] = [
  {},
  { replicas: 0 },
  { limits: { fuel: 1, memory: '8Mi', source: '1Ki', output: '1Mi', time: '500ms' } },
  { sandboxes: { maxPerPod: 1, idleTimeout: '2h', memoryBudget: '1Gi' } },
  { resources: { limits: { cpu: 2, memory: '1Gi' }, requests: { cpu: '250m' } } },
  { rollout: { maxSurge: '25%', maxUnavailable: 1 } },
  { rollout: { maxUnavailable: 0 } },
  { podLabels: { 'example.com/team': 'a', plain: '' } },
  { scheduling: { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute' }] } },
];

for (const spec of right) {
  test(`right: ${JSON.stringify(spec)}`, (t) => {
    t.like(validateSpec(spec), { ok: true });
  });
}

const wrong: readonly (readonly [spec: object, path: string])[] = [
  [{ replicas: -1 }, 'replicas'],
  [{ replicas: 1.5 }, 'replicas'],
  [{ replica: 1 }, 'replica'],
  [{ image: '' }, 'image'],
  [{ image: 'a b' }, 'image'],
  [{ limits: { memory: '64' } }, 'limits.memory'],
  [{ limits: { memory: '4Mi' } }, 'limits'],
  [{ limits: { memory: '2Gi' } }, 'limits'],
  [{ limits: { time: '1 minute' } }, 'limits.time'],
  [{ limits: { fule: 1 } }, 'limits.fule'],
  [{ rollout: { maxSurge: 0 } }, 'rollout'],
  [{ rollout: { maxSurge: '0%', maxUnavailable: 0 } }, 'rollout'],
  [{ rollout: { maxSurge: '101%' } }, 'rollout.maxSurge'],
  [{ podLabels: { 'not a key': 'a' } }, 'podLabels'],
  [{ resources: { limits: { memory: '256Mi' } } }, ''],
  [{ resources: { limits: { cpu: '3500m', memory: '767Mi' } } }, ''],
  [
    { imagePullSecrets: Array.from({ length: 17 }, (_, index) => ({ name: `a${index}` })) },
    'imagePullSecrets',
  ],
  [{ imagePullSecrets: [{ name: 'a' }, { name: 'b' }, { name: 'a' }] }, 'imagePullSecrets'],
];

for (const [spec, path] of wrong) {
  test(`wrong: ${JSON.stringify(spec).slice(0, 70)}`, (t) => {
    const validated = validateSpec(spec);
    t.false(validated.ok);
    if (!validated.ok) t.true(validated.faults.some((fault) => fault.path === path));
  });
}
