// Which tests run. PADDOCK_TEST_LAYER picks a layer; plain `ava` runs those that need nothing but
// Node. `*.apiserver.test.ts` start a real control plane, `*.node.test.ts` a whole node as root.

const layers = {
  plain: ['tests/**/*.test.ts', '!tests/**/*.apiserver.test.ts', '!tests/**/*.node.test.ts'],
  apiserver: ['tests/**/*.apiserver.test.ts'],
  node: ['tests/**/*.node.test.ts'],
};

const layer = process.env.PADDOCK_TEST_LAYER ?? 'plain';
if (!Object.hasOwn(layers, layer)) {
  throw new Error(`PADDOCK_TEST_LAYER: expected ${Object.keys(layers).join(', ')}, got ${layer}`);
}

export default {
  files: layers[layer],
  extensions: { ts: 'module' },
  require: ['./tests/helpers/left-open.ts'],
  timeout: layer === 'plain' ? '3m' : '10m',
  workerThreads: false,
  // A node takes both cores; two at a time would only make each other late. On the cluster that
  // KUBECONFIG names each file begins with what the one before has left as it was.
  concurrency: layer === 'node' || (layer !== 'plain' && process.env.KUBECONFIG) ? 1 : 2,
};
