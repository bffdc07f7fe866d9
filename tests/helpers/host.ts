// A cluster that can run the pods of a pool: a node of ours with the images built from this tree,
// or the cluster that KUBECONFIG names, which has them from a registry.

import { ensureImages, nameImages, type ImageTags } from '../../scripts/images/build.ts';
import { foreignKubeconfig, openForeign } from '../cluster/foreign.ts';
import { startNode, type ClusterNode } from '../cluster/node/node.ts';

export interface Host {
  readonly env: NodeJS.ProcessEnv;
  /** Absent on a cluster that is not ours. */
  readonly ours?: ClusterNode;
  /** What comes before `/paddock/runtime:TAG` in the name of an image. */
  readonly registry: string;
  readonly tags: ImageTags;
  readonly stop: () => Promise<void>;
}

/** Added to the runtime's tag: the same image by another name, as a new release would have. */
export const again = '-again';

/** Where another's cluster has the images from. Throws, saying how they get there. */
export const registryOf = (value: string | undefined, tags: ImageTags): string => {
  if (value !== undefined && value !== '') return value.replace(/\/$/, '');
  const names = Object.entries(tags).map(([name, tag]) => `paddock/${name}:${tag}`);
  throw new Error(
    'PADDOCK_TEST_IMAGES: expected the registry that the cluster of KUBECONFIG pulls from, with ' +
      `${[...names, `paddock/runtime:${tags.runtime}${again}`].join(', ')} in it, got nothing; ` +
      'npm run images makes them, docs/install.md tells how to copy them',
  );
};

const openHost = async (kubeconfig: string): Promise<Host> => {
  const tags = await nameImages();
  const registry = registryOf(process.env['PADDOCK_TEST_IMAGES'], tags);
  const { env, stop } = await openForeign(kubeconfig);
  return { env, registry, tags, stop };
};

export const startHost = async (): Promise<Host> => {
  if (foreignKubeconfig !== undefined) return openHost(foreignKubeconfig);
  const images = await ensureImages();
  const ours = await startNode();
  const env = { PATH: ours.path, KUBECONFIG: ours.kubeconfig, HOME: ours.root };
  for (const { archive } of Object.values(images)) await ours.importImage(archive);
  await ours.tagImage(images.runtime.name, `${images.runtime.name}${again}`);
  const { registry, tags } = { registry: 'localhost', tags: await nameImages() };
  return { env, ours, registry, tags, stop: () => ours.stop() };
};
