// What an operator is told by its environment, checked. Pure.

import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { Toleration } from './pool/scheduling.ts';

export interface OperatorConfiguration {
  readonly podName: string;
  readonly podNamespace: string;
  /** Empty: all. */
  readonly watchNamespaces: readonly string[];
  readonly runtimeImage: string;
  readonly routerImage: string;
  readonly imagePullSecrets: readonly string[];
  /** The first one is the default. */
  readonly allowedRuntimeClasses: readonly string[];
  readonly allowedImagePrefixes: readonly string[];
  readonly allowedAnnotationPrefixes: readonly string[];
  readonly allowedPriorityClasses: readonly string[];
  readonly allowedTolerations: readonly Toleration[];
  /** Peers of NetworkPolicies that may read /metrics. */
  readonly metricsFrom: readonly object[];
  /** Runtime pods refuse to start outside of gVisor. */
  readonly requireGvisor: boolean;
  readonly probePort: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const words = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

const json = <A>(name: string, text: string | undefined, codec: t.Type<A>, fallback: A): A => {
  if (text === undefined || text === '') return fallback;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${name}: expected JSON, got ${text.slice(0, 60)}`);
  }
  const decoded = codec.decode(value);
  if (isLeft(decoded)) throw new Error(`${name}: expected ${codec.name}, got ${text.slice(0, 60)}`);
  return decoded.right;
};

const needed = (environment: Environment, name: string): string => {
  const value = environment[name];
  if (value !== undefined && value !== '') return value;
  throw new Error(`${name}: expected a value, got none`);
};

/** A reference without its tag or digest. */
const repositoryOf = (image: string): string => image.replace(/@.*$/, '').replace(/:[^:/]*$/, '');

const portOf = (text: string): number => {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new Error(`PADDOCK_PROBE_PORT: expected a port, got ${text}`);
};

/** Throws an Error that names the variable, what was expected and what came. */
export const configurationOf = (environment: Environment): OperatorConfiguration => {
  const runtimeImage = needed(environment, 'PADDOCK_RUNTIME_IMAGE');
  const classes = words(environment['PADDOCK_ALLOWED_RUNTIME_CLASSES']);
  const prefixes = words(environment['PADDOCK_ALLOWED_IMAGE_PREFIXES']);
  const tolerations = t.array(Toleration, 'a list of tolerations');
  const peers = t.array(t.UnknownRecord, 'a list of NetworkPolicy peers');
  return {
    podName: environment['POD_NAME'] ?? 'paddock-operator',
    podNamespace: needed(environment, 'POD_NAMESPACE'),
    watchNamespaces: words(environment['PADDOCK_WATCH_NAMESPACES']),
    runtimeImage,
    routerImage: needed(environment, 'PADDOCK_ROUTER_IMAGE'),
    imagePullSecrets: words(environment['PADDOCK_IMAGE_PULL_SECRETS']),
    allowedRuntimeClasses: classes.length > 0 ? classes : ['gvisor'],
    // Ours alone: whatever else runs in a pool's pods would do so under the operator's word.
    allowedImagePrefixes: prefixes.length > 0 ? prefixes : [repositoryOf(runtimeImage)],
    // Annotations steer container runtimes and networks: dev.gvisor.flag.*, k8s.v1.cni.cncf.io/*.
    allowedAnnotationPrefixes: words(
      environment['PADDOCK_ALLOWED_ANNOTATION_PREFIXES'] ?? 'prometheus.io/',
    ),
    allowedPriorityClasses: words(environment['PADDOCK_ALLOWED_PRIORITY_CLASSES']),
    allowedTolerations: json(
      'PADDOCK_ALLOWED_TOLERATIONS',
      environment['PADDOCK_ALLOWED_TOLERATIONS'],
      tolerations,
      [],
    ),
    metricsFrom: json('PADDOCK_METRICS_FROM', environment['PADDOCK_METRICS_FROM'], peers, []),
    requireGvisor: environment['PADDOCK_REQUIRE_GVISOR'] !== 'false',
    probePort: portOf(environment['PADDOCK_PROBE_PORT'] ?? '8081'),
  };
};
