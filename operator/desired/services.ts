// The Services of a pool: the one that callers use, and the headless one whose EndpointSlices tell
// routers who the members are. Pure.

import { ports, selectorOf } from '../../contract/pool/names.ts';
import { resources, type OwnerReference } from '../../kubernetes/resource.ts';
import type { Resolved } from '../resolve.ts';
import { metadataOf, type Child } from './child.ts';

const strict = ['spec.selector', 'spec.ports'];

export const runtimeService = (pool: Resolved, owner: OwnerReference): Child => ({
  resource: resources.service,
  strict,
  object: {
    metadata: metadataOf(pool, 'runtime', pool.names.runtime, owner),
    spec: {
      clusterIP: 'None',
      // Must be absent: the API server does not keep a false one.
      publishNotReadyAddresses: undefined,
      selector: selectorOf(pool.name, 'runtime'),
      ports: [{ name: 'execute', port: ports.runtime, targetPort: ports.runtime, protocol: 'TCP' }],
    },
  },
});

export const routerService = (pool: Resolved, owner: OwnerReference): Child => ({
  resource: resources.service,
  strict,
  object: {
    metadata: metadataOf(pool, 'router', pool.names.service, owner),
    spec: {
      type: 'ClusterIP',
      selector: selectorOf(pool.name, 'router'),
      ports: [{ name: 'http', port: ports.service, targetPort: ports.router, protocol: 'TCP' }],
    },
  },
});
