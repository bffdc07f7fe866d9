// A pod of minimal rights, as both components' are: Pod Security `restricted` and less. Every
// default of the API server is written out: a template that differs was edited by hand. Pure.

import { ports } from '../../contract/pool/names.ts';

export interface PodOptions {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy: string;
  readonly imagePullSecrets: readonly { readonly name: string }[];
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly resources: object;
  readonly port: { readonly name: string; readonly number: number };
  readonly serviceAccount: string;
  /** Whether the pod may talk to the API server as its account. */
  readonly token: boolean;
  readonly tlsSecret: string;
  readonly graceSeconds: number;
  /** Further fields of the PodSpec. */
  readonly more: object;
}

/** Nobody on the node, and the USER of the images. */
const user = 65_532;

const probe = (path: string, failureThreshold: number, periodSeconds: number) => ({
  httpGet: { path, port: ports.probe, scheme: 'HTTP' },
  periodSeconds,
  failureThreshold,
  successThreshold: 1,
  timeoutSeconds: 2,
});

const fromField = (name: string, fieldPath: string) => ({
  name,
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
});

/** What telemetry says of where it comes from; a runtime without OTEL_* exporters sends nothing. */
const identity = [
  fromField('POD_NAME', 'metadata.name'),
  fromField('POD_NAMESPACE', 'metadata.namespace'),
  fromField('POD_UID', 'metadata.uid'),
  fromField('NODE_NAME', 'spec.nodeName'),
];

const container = (options: PodOptions) => ({
  name: options.name,
  image: options.image,
  imagePullPolicy: options.imagePullPolicy,
  args: options.args,
  env: [
    ...identity,
    ...Object.entries(options.environment).map(([name, value]) => ({ name, value })),
  ],
  ports: [
    { name: options.port.name, containerPort: options.port.number, protocol: 'TCP' },
    { name: 'probe', containerPort: ports.probe, protocol: 'TCP' },
  ],
  resources: options.resources,
  // No startupProbe: readiness would begin after it, which took a pod a second longer. A minute of
  // liveness is long enough for a start.
  readinessProbe: probe('/readyz', 3, 1),
  livenessProbe: probe('/healthz', 6, 10),
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    privileged: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    seccompProfile: { type: 'RuntimeDefault' },
  },
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'FallbackToLogsOnError',
  volumeMounts: [{ name: 'tls', mountPath: '/etc/paddock/tls', readOnly: true }],
});

/** What of a Secret a pod sees: not what a rotation under way keeps beside it. */
const tlsItems = ['tls.crt', 'tls.key', 'ca.crt'].map((key) => ({ key, path: key }));

export const podSpecOf = (options: PodOptions) => ({
  containers: [container(options)],
  automountServiceAccountToken: options.token,
  dnsPolicy: 'ClusterFirst',
  enableServiceLinks: false,
  imagePullSecrets: options.imagePullSecrets,
  restartPolicy: 'Always',
  schedulerName: 'default-scheduler',
  securityContext: {
    fsGroup: user,
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    seccompProfile: { type: 'RuntimeDefault' },
  },
  serviceAccountName: options.serviceAccount,
  // The API server copies the name to the field's old spelling.
  serviceAccount: options.serviceAccount,
  terminationGracePeriodSeconds: options.graceSeconds,
  volumes: [
    {
      name: 'tls',
      secret: { secretName: options.tlsSecret, items: tlsItems, defaultMode: 0o440 },
    },
  ],
  ...options.more,
});
