// The programs of a Kubernetes node with gVisor, each as a Go module with its version, and what is
// built from it. Changing a line here changes the digest that the built parts are cached by.

export interface Part {
  readonly name: string;
  readonly module: string;
  readonly version: string;
  /**
   * Takes over the module's own go.mod, its replacements rewritten: Kubernetes, containerd and
   * CoreDNS pin what they were tested with there.
   */
  readonly pins: 'upstream' | 'none';
  /** Folder of our own main package beside this file, built in place of the module's. */
  readonly main?: string;
  readonly builds: readonly { readonly output: string; readonly package: string }[];
  readonly tags?: string;
  /** Values that the linker sets. */
  readonly values?: Readonly<Record<string, string>>;
  /** One replacement in the module's source, for a machine that allows less. */
  readonly patch?: { readonly file: string; readonly from: string; readonly to: string };
  /** Other names that the output goes by. */
  readonly links?: readonly string[];
}

const kubernetes = 'v1.34.4';
const containerd = 'v2.1.5';

const versionValues = (prefix: string): Readonly<Record<string, string>> => ({
  [`${prefix}.gitVersion`]: kubernetes,
  [`${prefix}.gitMajor`]: '1',
  [`${prefix}.gitMinor`]: '34',
  [`${prefix}.gitTreeState`]: 'clean',
  [`${prefix}.gitCommit`]: '0'.repeat(40),
  [`${prefix}.buildDate`]: '1970-01-01T00:00:00Z',
});

export const controlPlaneParts: readonly Part[] = [
  {
    name: 'etcd',
    module: 'go.etcd.io/etcd/server/v3',
    version: 'v3.6.8',
    pins: 'none',
    builds: [{ output: 'etcd', package: 'go.etcd.io/etcd/server/v3' }],
  },
  {
    name: 'kubernetes',
    module: 'k8s.io/kubernetes',
    version: kubernetes,
    pins: 'upstream',
    main: 'hyperkube',
    builds: [{ output: 'hyperkube', package: './hyperkube' }],
    values: {
      ...versionValues('k8s.io/component-base/version'),
      ...versionValues('k8s.io/client-go/pkg/version'),
    },
    links: [
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
      'kubelet',
      'kube-proxy',
      'kubectl',
    ],
  },
  {
    name: 'helm',
    module: 'helm.sh/helm/v3',
    version: 'v3.20.2',
    pins: 'upstream',
    builds: [{ output: 'helm', package: 'helm.sh/helm/v3/cmd/helm' }],
    values: { 'helm.sh/helm/v3/internal/version.version': 'v3.20.2' },
  },
];

export const nodeParts: readonly Part[] = [
  {
    name: 'containerd',
    module: 'github.com/containerd/containerd/v2',
    version: containerd,
    pins: 'upstream',
    tags: 'no_btrfs no_zfs no_devmapper no_aufs',
    builds: ['containerd', 'ctr', 'containerd-shim-runc-v2'].map((output) => ({
      output,
      package: `github.com/containerd/containerd/v2/cmd/${output}`,
    })),
    values: {
      'github.com/containerd/containerd/v2/version.Version': containerd,
      'github.com/containerd/containerd/v2/version.Package': 'github.com/containerd/containerd/v2',
    },
  },
  {
    name: 'gvisor',
    module: 'gvisor.dev/gvisor',
    version: 'v0.0.0-20260905035102-160fafc42237',
    pins: 'upstream',
    builds: [
      { output: 'runsc', package: 'gvisor.dev/gvisor/runsc' },
      { output: 'containerd-shim-runsc-v1', package: 'gvisor.dev/gvisor/shim' },
    ],
    values: {
      'gvisor.dev/gvisor/runsc/version.version': 'release-20260905035102-160fafc42237',
    },
    // Root without CAP_SYS_RESOURCE may not lower oom_score_adj, which the shim takes for fatal.
    patch: {
      file: 'pkg/shim/v1/manager.go',
      from: 'oomScoreMax); err != nil {',
      to: 'oomScoreMax); err != nil && !os.IsPermission(err) {',
    },
  },
  {
    name: 'coredns',
    module: 'github.com/coredns/coredns',
    version: 'v1.14.3',
    pins: 'upstream',
    main: 'coredns',
    builds: [{ output: 'coredns', package: './coredns' }],
  },
];
