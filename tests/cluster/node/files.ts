// The configuration files of a node's programs, and their command lines. Pure.

import { apiServerFlags, controllersFlags, etcdFlags, podRange, schedulerFlags } from '../flags.ts';

export interface NodePlan {
  readonly root: string;
  readonly name: string;
  readonly address: string;
  /** Host path of the API server's socket for the outside. */
  readonly socket: string;
}

export const nodePorts = {
  etcd: 2379,
  etcdPeer: 2380,
  apiServer: 6443,
  controllers: 10257,
  scheduler: 10259,
} as const;

export const dnsAddress = '10.96.0.10';

const containerd = ({ root }: NodePlan): string => `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "/var/lib/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "paddock.test/pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runsc]
      runtime_type = "io.containerd.runsc.v1"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runsc.options]
        TypeUrl = "io.containerd.runsc.v1.options"
        ConfigPath = "${root}/etc/runsc.toml"
`;

const runsc = `log_path = "/var/log/pods/runsc-%ID%-shim.log"
log_level = "info"
[runsc_config]
  platform = "systrap"
`;

const kubelet = ({ root }: NodePlan) => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: `${root}/pki/ca.crt` },
  },
  authorization: { mode: 'Webhook' },
  tlsCertFile: `${root}/pki/kubelet-server.crt`,
  tlsPrivateKeyFile: `${root}/pki/kubelet-server.key`,
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  cgroupDriver: 'cgroupfs',
  failSwapOn: false,
  failCgroupV1: false,
  clusterDomain: 'cluster.local',
  clusterDNS: [dnsAddress],
  resolvConf: '',
  imageGCHighThresholdPercent: 100,
  evictionHard: {
    'memory.available': '100Mi',
    'nodefs.available': '0%',
    'nodefs.inodesFree': '0%',
    'imagefs.available': '0%',
  },
  nodeStatusUpdateFrequency: '5s',
  // A Secret that changes is in its pods within seconds rather than a minute.
  syncFrequency: '5s',
  configMapAndSecretChangeDetectionStrategy: 'Watch',
  registerNode: true,
  volumePluginDir: '/var/lib/kubelet/volumeplugins',
});

const proxy = ({ root }: NodePlan) => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  clientConnection: { kubeconfig: `${root}/pki/proxy.conf` },
  mode: 'nftables',
  clusterCIDR: podRange,
  conntrack: {
    maxPerCore: 0,
    min: 0,
    tcpEstablishedTimeout: '0s',
    tcpCloseWaitTimeout: '0s',
  },
});

const programs = (
  plan: NodePlan,
): readonly (readonly [name: string, words: readonly string[]])[] => {
  const { root, name, address, socket } = plan;
  const paths = { pki: `${root}/pki`, data: root };
  return [
    ['etcd', ['etcd', ...etcdFlags(paths, nodePorts)]],
    ['kube-apiserver', ['kube-apiserver', ...apiServerFlags(paths, nodePorts, address)]],
    ['kube-controller-manager', ['kube-controller-manager', ...controllersFlags(paths, nodePorts)]],
    ['kube-scheduler', ['kube-scheduler', ...schedulerFlags(paths, nodePorts)]],
    ['containerd', ['containerd', '--config', `${root}/etc/containerd.toml`]],
    [
      'kubelet',
      [
        'kubelet',
        `--config=${root}/etc/kubelet.json`,
        `--kubeconfig=${root}/pki/kubelet.conf`,
        `--hostname-override=${name}`,
        `--node-ip=${address}`,
        '--root-dir=/var/lib/kubelet',
      ],
    ],
    [
      'kube-proxy',
      ['kube-proxy', `--config=${root}/etc/proxy.json`, `--hostname-override=${name}`],
    ],
    ['relay', ['socat', `UNIX-LISTEN:${socket},fork,unlink-early`, 'TCP:127.0.0.1:6443']],
  ];
};

/** Path below the node's folder -> text. */
export const filesOf = (plan: NodePlan): Readonly<Record<string, string>> => ({
  'etc/containerd.toml': containerd(plan),
  'etc/runsc.toml': runsc,
  'etc/kubelet.json': JSON.stringify(kubelet(plan)),
  'etc/proxy.json': JSON.stringify(proxy(plan)),
  'etc/programs': programs(plan)
    .map(([name, words]) => `${name}\t${words.join(' ')}\n`)
    .join(''),
});
