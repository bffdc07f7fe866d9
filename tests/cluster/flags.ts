// The command lines of the control plane, the same on a bare machine and within a node. Pure.

export interface Paths {
  /** Folder of keys, certificates and kubeconfigs. */
  readonly pki: string;
  /** Folder of what etcd and the audit log write. */
  readonly data: string;
}

export interface Ports {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
  readonly controllers: number;
  readonly scheduler: number;
}

const flags = (values: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`);

export const serviceRange = '10.96.0.0/16';
export const podRange = '10.244.0.0/16';

export const etcdFlags = ({ data }: Paths, { etcd, etcdPeer }: Ports): readonly string[] => [
  '--unsafe-no-fsync',
  ...flags({
    'data-dir': `${data}/etcd`,
    'listen-client-urls': `http://127.0.0.1:${etcd}`,
    'advertise-client-urls': `http://127.0.0.1:${etcd}`,
    'listen-peer-urls': `http://127.0.0.1:${etcdPeer}`,
    'initial-advertise-peer-urls': `http://127.0.0.1:${etcdPeer}`,
    'initial-cluster': `default=http://127.0.0.1:${etcdPeer}`,
    'log-level': 'warn',
  }),
];

export const apiServerFlags = (
  { pki, data }: Paths,
  { etcd, apiServer }: Ports,
  advertise: string,
): readonly string[] =>
  flags({
    'etcd-servers': `http://127.0.0.1:${etcd}`,
    'bind-address': '0.0.0.0',
    'advertise-address': advertise,
    'secure-port': String(apiServer),
    'service-cluster-ip-range': serviceRange,
    'allow-privileged': 'true',
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction,OwnerReferencesPermissionEnforcement',
    'client-ca-file': `${pki}/ca.crt`,
    'tls-cert-file': `${pki}/apiserver.crt`,
    'tls-private-key-file': `${pki}/apiserver.key`,
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': `${pki}/sa.pub`,
    'service-account-signing-key-file': `${pki}/sa.key`,
    'kubelet-certificate-authority': `${pki}/ca.crt`,
    'kubelet-client-certificate': `${pki}/kubelet-client.crt`,
    'kubelet-client-key': `${pki}/kubelet-client.key`,
    'kubelet-preferred-address-types': 'InternalIP',
    'requestheader-client-ca-file': `${pki}/ca.crt`,
    'requestheader-allowed-names': 'front-proxy-client',
    'requestheader-username-headers': 'X-Remote-User',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'proxy-client-cert-file': `${pki}/front-proxy.crt`,
    'proxy-client-key-file': `${pki}/front-proxy.key`,
    'audit-policy-file': `${pki}/audit-policy.json`,
    'audit-log-path': `${data}/audit.log`,
    'audit-log-mode': 'blocking',
    profiling: 'false',
  });

const asUser = (pki: string, name: string) => ({
  kubeconfig: `${pki}/${name}.conf`,
  'authentication-kubeconfig': `${pki}/${name}.conf`,
  'authorization-kubeconfig': `${pki}/${name}.conf`,
  'leader-elect': 'false',
  'bind-address': '127.0.0.1',
});

export const controllersFlags = ({ pki }: Paths, { controllers }: Ports): readonly string[] =>
  flags({
    ...asUser(pki, 'controllers'),
    'secure-port': String(controllers),
    'service-account-private-key-file': `${pki}/sa.key`,
    'root-ca-file': `${pki}/ca.crt`,
    'cluster-signing-cert-file': `${pki}/ca.crt`,
    'cluster-signing-key-file': `${pki}/ca.key`,
    'use-service-account-credentials': 'true',
    'allocate-node-cidrs': 'true',
    'cluster-cidr': podRange,
    'service-cluster-ip-range': serviceRange,
    // An API server that is away for a minute keeps the heartbeats of nodes out as well: what is
    // tested then are routers, not what Kubernetes makes of nodes that seem lost.
    'node-monitor-grace-period': '300s',
    // The HorizontalPodAutoscaler looks every 15 s by default; a test would wait for that.
    'horizontal-pod-autoscaler-sync-period': '2s',
  });

export const schedulerFlags = ({ pki }: Paths, { scheduler }: Ports): readonly string[] =>
  flags({ ...asUser(pki, 'scheduler'), 'secure-port': String(scheduler) });

/** Who did what, without bodies: the witness for "no writes" and "every granted verb is used". */
export const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};
