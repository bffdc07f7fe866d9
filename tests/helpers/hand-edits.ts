// What somebody with more rights than sense does to the children of a pool called plugins: kind,
// name and a JSON patch of each.

export const add = (path: string, value: unknown) => [{ op: 'add', path, value }];
const pod = '/spec/template/spec';
export const handEdits = (
  namespace: string,
): Readonly<Record<string, readonly [string, string, readonly object[]]>> => ({
  'the replica count': ['deployment', 'plugins-runtime', add('/spec/replicas', 7)],
  'a sidecar': [
    ...(['deployment', 'plugins-runtime'] as const),
    add(`${pod}/containers/-`, { name: 'spy', image: 'spy' }),
  ],
  'a variable': [
    ...(['deployment', 'plugins-router'] as const),
    add(`${pod}/containers/0/env/-`, { name: 'NODE_OPTIONS', value: '--inspect' }),
  ],
  'a capability': [
    ...(['deployment', 'plugins-runtime'] as const),
    add(`${pod}/containers/0/securityContext/capabilities/add`, ['NET_RAW']),
  ],
  'the network of the host': [
    ...(['deployment', 'plugins-runtime'] as const),
    add(`${pod}/hostNetwork`, true),
  ],
  'an init container': [
    ...(['deployment', 'plugins-router'] as const),
    add(`${pod}/initContainers`, [{ name: 'spy', image: 'spy' }]),
  ],
  'another runtime class': [
    ...(['deployment', 'plugins-runtime'] as const),
    add(`${pod}/runtimeClassName`, 'runc'),
  ],
  'an open network policy': ['networkpolicy', 'plugins-runtime', add('/spec/ingress/-', {})],
  'a way out': ['networkpolicy', 'plugins-runtime', add('/spec/egress', [{}])],
  'a subject of the binding': [
    ...(['rolebinding', 'plugins-router'] as const),
    add('/subjects/-', { kind: 'ServiceAccount', name: 'default', namespace }),
  ],
  'pods that are not ready': [
    ...(['service', 'plugins-runtime'] as const),
    add('/spec/publishNotReadyAddresses', true),
  ],
  'a port of the service': [
    ...(['service', 'plugins'] as const),
    add('/spec/ports/-', { name: 'probe', port: 8081, targetPort: 8081 }),
  ],
  'the selector of the service': [
    ...(['service', 'plugins'] as const),
    add('/spec/selector/app.kubernetes.io~1component', 'runtime'),
  ],
});
