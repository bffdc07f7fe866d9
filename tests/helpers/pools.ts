// Pools and a configuration for the tests of decisions.

import { configurationOf } from '../../contract/operator.ts';
import type { SandboxPool } from '../../contract/pool/pool.ts';
import type { SandboxPoolSpec } from '../../contract/pool/spec.ts';
import { ownerOf } from '../../operator/desired/child.ts';
import { resolve, type Resolved } from '../../operator/resolve.ts';

export const environment = {
  POD_NAMESPACE: 'paddock',
  PADDOCK_RUNTIME_IMAGE: 'registry.example/paddock/runtime:1',
  PADDOCK_ROUTER_IMAGE: 'registry.example/paddock/router:1',
};

export const configuration = configurationOf(environment);

export const poolOf = (spec: SandboxPoolSpec = {}): SandboxPool => ({
  metadata: { name: 'plugins', namespace: 'shop', uid: 'u-1', generation: 3 },
  spec,
});

export const resolvedOf = (spec: SandboxPoolSpec = {}): Resolved =>
  resolve(configuration, poolOf(spec));

export const owner = ownerOf(poolOf().metadata);
