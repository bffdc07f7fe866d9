// Which tests run. PADDOCK_TEST_LAYER picks a layer; plain `ava` runs those that need nothing but
// Node. `*.apiserver.test.ts` start a real control plane, `*.node.test.ts` a whole node as root;
// those of `alone` compare a machine before and after a node, so no other may come or go.

const layers = {
  plain: ['tests/**/*.test.ts', '!tests/**/*.apiserver.test.ts', '!tests/**/*.node.test.ts'],
  apiserver: ['tests/**/*.apiserver.test.ts'],
  node: ['tests/**/*.node.test.ts', '!tests/cluster/node/*.node.test.ts'],
  alone: ['tests/cluster/node/*.node.test.ts'],
};

const layer = process.env.PADDOCK_TEST_LAYER ?? 'plain';
if (!Object.hasOwn(layers, layer)) {
  throw new Error(`PADDOCK_TEST_LAYER: expected ${Object.keys(layers).join(', ')}, got ${layer}`);
}

// The longest begin first: the others run beside them.
const longest = [
  'failover.apiserver',
  'real-causes',
  'fenced',
  'faults.node',
  'rolling.node',
  'pool.node',
];
const rank = (file) => {
  const index = longest.findIndex((name) => file.includes(name));
  return index < 0 ? longest.length : index;
};

const onForeign = layer !== 'plain' && Boolean(process.env.KUBECONFIG);

/** Files that run at once. Tests of a cluster mostly wait: for leases, pods, probes, outages. */
const lanes = () => {
  // On the cluster that KUBECONFIG names each file begins with what the one before left as it was.
  if (onForeign || layer === 'alone') return 1;
  return layer === 'apiserver' ? 3 : 2;
};

export default {
  files: layers[layer],
  extensions: { ts: 'module' },
  require: ['./tests/helpers/left-open.ts'],
  timeout: layer === 'plain' ? '3m' : '10m',
  workerThreads: false,
  concurrency: lanes(),
  sortTestFiles: (a, b) => rank(a) - rank(b) || a.localeCompare(b),
};
