// The pods of an installed cluster as a test looks at them: which there are, what a script finds
// within one, and what it measures of itself.

import type { InstalledCluster } from './installed-cluster.ts';

export interface Pod {
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status: {
    readonly podIP: string;
    readonly containerStatuses: readonly { readonly restartCount: number }[];
  };
}

type Asked = Pick<InstalledCluster, 'kubectl'>;

export const podsBy = async (
  { kubectl }: Asked,
  namespace: string,
  selector: string,
): Promise<readonly Pod[]> => {
  const text = await kubectl('-n', namespace, 'get', 'pods', '-l', selector, '-o', 'json');
  return (JSON.parse(text) as { readonly items: readonly Pod[] }).items;
};

/** Names of the pods of which a container has ended and been started again. */
export const restartedIn = async (
  cluster: Asked,
  namespace: string,
): Promise<readonly string[]> => {
  const pods = await podsBy(cluster, namespace, '');
  if (pods.length === 0) throw new Error(`no pod in ${namespace}`);
  return pods
    .filter(({ status }) => status.containerStatuses.some(({ restartCount }) => restartCount > 0))
    .map(({ metadata }) => metadata.name);
};

/** Runs a script in a pod and gives what it prints. */
export const inPod = (
  { kubectl }: Asked,
  namespace: string,
  name: string,
  script: string,
): Promise<string> => kubectl('-n', namespace, 'exec', name, '--', '/usr/bin/node', '-e', script);

/** As the pod itself reads them: policies let nobody else in. */
export const metricsOf = (cluster: Asked, namespace: string, { metadata }: Pod): Promise<string> =>
  inPod(
    cluster,
    namespace,
    metadata.name,
    'fetch("http://127.0.0.1:8081/metrics").then((r) => r.text()).then(console.log)',
  );

/** Names and labels without values; what Node says of its own process comes and goes. Pure. */
export const seriesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => !/^(?:#|nodejs_|process_|$)/.test(line))
    .map((line) => line.replace(/ \S+$/, ''));
