// What a cluster has before anybody uses it: rights for the API server to reach kubelets, runtime
// classes, and names by CoreDNS. Pure.

import type { KubernetesObject, Resource } from '../../../kubernetes/resource.ts';
import { dnsAddress } from './files.ts';

type Entry = readonly [Resource, KubernetesObject & Readonly<Record<string, unknown>>];

const kind = (apiVersion: string, name: string, plural: string, namespaced: boolean): Resource => ({
  ...{ apiVersion, plural, namespaced },
  kind: name,
});

const rbac = 'rbac.authorization.k8s.io/v1';
const clusterRole = kind(rbac, 'ClusterRole', 'clusterroles', false);
const clusterRoleBinding = kind(rbac, 'ClusterRoleBinding', 'clusterrolebindings', false);
const runtimeClass = kind('node.k8s.io/v1', 'RuntimeClass', 'runtimeclasses', false);
const serviceAccount = kind('v1', 'ServiceAccount', 'serviceaccounts', true);
const configMap = kind('v1', 'ConfigMap', 'configmaps', true);
const deployment = kind('apps/v1', 'Deployment', 'deployments', true);
const service = kind('v1', 'Service', 'services', true);

const roleRef = (name: string) => ({
  apiGroup: 'rbac.authorization.k8s.io',
  kind: 'ClusterRole',
  name,
});
const system = { namespace: 'kube-system' } as const;
const dns = { name: 'coredns', ...system };
const labels = { 'k8s-app': 'kube-dns' };

const corefile = `.:5353 {
  errors
  health
  ready
  kubernetes cluster.local in-addr.arpa ip6.arpa
  cache 5
}
`;

const dnsPod = {
  serviceAccountName: 'coredns',
  dnsPolicy: 'Default',
  containers: [
    {
      name: 'coredns',
      image: 'paddock.test/coredns:1',
      imagePullPolicy: 'Never',
      args: ['-conf', '/etc/coredns/Corefile'],
      readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
      volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
    },
  ],
  volumes: [{ name: 'config', configMap: { name: 'coredns' } }],
};

export const bootstrap: readonly Entry[] = [
  [
    clusterRoleBinding,
    {
      metadata: { name: 'paddock-test-kubelet-api' },
      roleRef: roleRef('system:kubelet-api-admin'),
      subjects: [
        { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'paddock:kubelet-api' },
      ],
    },
  ],
  [runtimeClass, { metadata: { name: 'gvisor' }, handler: 'runsc' }],
  [serviceAccount, { metadata: dns }],
  [
    clusterRole,
    {
      metadata: { name: 'paddock-test-coredns' },
      rules: [
        {
          apiGroups: [''],
          resources: ['endpoints', 'services', 'pods', 'namespaces'],
          verbs: ['list', 'watch'],
        },
        {
          apiGroups: ['discovery.k8s.io'],
          resources: ['endpointslices'],
          verbs: ['list', 'watch'],
        },
      ],
    },
  ],
  [
    clusterRoleBinding,
    {
      metadata: { name: 'paddock-test-coredns' },
      roleRef: roleRef('paddock-test-coredns'),
      subjects: [{ kind: 'ServiceAccount', ...dns }],
    },
  ],
  [configMap, { metadata: dns, data: { Corefile: corefile } }],
  [
    deployment,
    {
      metadata: dns,
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: dnsPod },
      },
    },
  ],
  [
    service,
    {
      metadata: { name: 'kube-dns', ...system },
      spec: {
        clusterIP: dnsAddress,
        selector: labels,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: 5353 },
          { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 5353 },
        ],
      },
    },
  ],
];
