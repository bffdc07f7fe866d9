// A pool's author must not gain the operator's rights by the pool.

import test from 'ava';
import type { SandboxPoolSpec } from '../../contract/pool/spec.ts';
import { refusedBy } from '../../operator/allowed.ts';
import { configuration } from '../helpers/pools.ts';

const lists = {
  ...configuration,
  allowedImagePrefixes: ['ghcr.io/paddock', 'registry.example/x:'],
  allowedPriorityClasses: ['low'],
  allowedTolerations: [{ key: 'pool', operator: 'Equal' as const, value: 'gvisor' }],
};

const allowed: Readonly<Record<string, SandboxPoolSpec>> = {
  nothing: {},
  'an image below a prefix': { image: 'ghcr.io/paddock/runtime@sha256:0' },
  'a tag after a prefix that ends with a colon': { image: 'registry.example/x:2' },
  'a runtime class': { runtimeClassName: 'gvisor' },
  'a priority class': { scheduling: { priorityClassName: 'low' } },
  'a toleration': {
    scheduling: { tolerations: [{ key: 'pool', operator: 'Equal', value: 'gvisor' }] },
  },
  'an annotation for Prometheus': { podAnnotations: { 'prometheus.io/scrape': 'true' } },
};

for (const [what, spec] of Object.entries(allowed)) {
  test(`allowed: ${what}`, (t) => {
    t.deepEqual(refusedBy(lists, spec), []);
  });
}

const refused: Readonly<Record<string, readonly [SandboxPoolSpec, RegExp]>> = {
  'another registry': [{ image: 'evil.example/paddock:1' }, /^image: .* got evil\.example/],
  'a registry that begins alike': [{ image: 'ghcr.io/paddock-evil/runtime:1' }, /^image: /],
  'a prefix in the middle': [{ image: 'evil.example/ghcr.io/paddock/runtime' }, /^image: /],
  'plain containers': [{ runtimeClassName: 'runc' }, /one of gvisor, got runc/],
  'to be critical': [
    { scheduling: { priorityClassName: 'system-node-critical' } },
    /^scheduling\.priorityClassName: expected one of low/,
  ],
  'every taint': [{ scheduling: { tolerations: [{ operator: 'Exists' }] } }, /tolerations\[0\]/],
  'a flag of gVisor': [
    { podAnnotations: { 'dev.gvisor.flag.network': 'host' } },
    /^podAnnotations: .* got dev\.gvisor\.flag\.network$/,
  ],
  'a second network': [{ podAnnotations: { 'k8s.v1.cni.cncf.io/networks': 'lan' } }, /k8s\.v1/],
};

for (const [what, [spec, message]] of Object.entries(refused)) {
  test(`refused: ${what}`, (t) => {
    const reasons = refusedBy(lists, spec);
    t.is(reasons.length, 1);
    t.regex(reasons[0] ?? '', message);
  });
}
