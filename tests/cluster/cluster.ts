// The cluster that a test of the API server runs on: a control plane of our own, or the one that
// KUBECONFIG names. What only our own can do is behind `ours`, and `onOurs` declares who needs it.

import type { ExecutionContext } from 'ava';
import { foreignKubeconfig, openForeign } from './foreign.ts';
import { startControlPlane, type ControlPlane } from './control-plane.ts';

export interface Cluster {
  /** Kubeconfig of an administrator. */
  readonly kubeconfig: string;
  /** PATH with kubectl and helm. */
  readonly path: string;
  /** A folder of this run's own. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Absent on a cluster that is not ours. */
  readonly ours?: ControlPlane;
  readonly stop: () => Promise<void>;
}

/** What only a cluster of our own gives. */
export type Need =
  | 'an API server that may be killed'
  | 'an API server that reaches this machine'
  | 'no node that starts pods'
  | 'the namespace default'
  | 'OwnerReferencesPermissionEnforcement'
  | 'the audit log'
  | 'the node itself';

/** The ours of a cluster, in a test that `onOurs` has declared. */
export const oursOf = <Ours>({ ours }: { readonly ours?: Ours }): Ours => {
  if (ours === undefined)
    throw new Error('a test that needs our own cluster: declare it by onOurs');
  return ours;
};

type Declare = (title: string, run: (t: ExecutionContext) => Promise<void>) => void;

/**
 * Declares tests that need something of our own cluster. On another they are skipped, by a title
 * that says why, which the closing lines of `npm run test:all` repeat.
 */
export const onOurs =
  (
    declare: Declare & { readonly skip: Declare },
    need: Need,
    foreign = foreignKubeconfig,
  ): Declare =>
  (title, run) => {
    if (foreign === undefined) declare(title, run);
    else declare.skip(`${title} (left out: needs ${need})`, run);
  };

/** Opens the cluster of KUBECONFIG, or starts one of ours. */
export const startCluster = async (): Promise<Cluster> => {
  if (foreignKubeconfig !== undefined) return openForeign(foreignKubeconfig);
  const ours = await startControlPlane();
  const { kubeconfig, path, stop, pki } = ours;
  const env = { PATH: path, KUBECONFIG: kubeconfig, HOME: pki.folder };
  return { kubeconfig, path, folder: pki.folder, env, ours, stop };
};
