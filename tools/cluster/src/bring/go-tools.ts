/** The tools that are built from Go modules, each from its own small module below `go/`. */

export const KUBERNETES_VERSIONS = ['1.33', '1.35', '1.37'] as const;
export type KubernetesVersion = (typeof KUBERNETES_VERSIONS)[number];
export const DEFAULT_KUBERNETES: KubernetesVersion = '1.35';

export interface GoTool {
  /** The binary's file name. */
  readonly binary: string;
  /** Folder below `go/`. */
  readonly folder: string;
  /** Its module file; another than `go.mod` has its checksums in the `.sum` file of the same name. */
  readonly modFile: string;
  readonly goPackage: string;
  /** The module whose version is the tool's. */
  readonly module: string;
  /** Linker variables to be set, by name. */
  readonly stamp: (version: string) => Readonly<Record<string, string>>;
  /** Further names that the binary is called by, as links beside it. */
  readonly names: readonly string[];
  /** Files of `module` that are needed at run time; they are joined into one, named `extra`. */
  readonly extra?: { readonly name: string; readonly files: readonly string[] };
  /** What a build took on two cores with nothing cached; only for the estimate that is printed. */
  readonly seconds: number;
}

/** The programs of the one Kubernetes binary. */
export const KUBERNETES_PROGRAMS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubectl',
  'kubelet',
] as const;
export type KubernetesProgram = (typeof KUBERNETES_PROGRAMS)[number];

const BUILD_SECONDS: Readonly<Record<KubernetesVersion, number>> = { '1.33': 360, '1.35': 360, '1.37': 420 };

/** Both packages report a version: the servers' own, and the user agent of every client. */
function kubernetesStamp(version: string): Record<string, string> {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  const values = {
    ...{ gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean', gitCommit: 'unknown' },
    // a date of its own would make each build another binary
    buildDate: '1970-01-01T00:00:00Z',
  };
  const packages = ['k8s.io/client-go/pkg/version', 'k8s.io/component-base/version'];
  return Object.fromEntries(
    packages.flatMap((name) => Object.entries(values).map(([key, value]) => [`${name}.${key}`, value])),
  );
}

export function kubernetesTool(version: KubernetesVersion): GoTool {
  return {
    binary: 'kubernetes',
    folder: 'kubernetes',
    modFile: version === DEFAULT_KUBERNETES ? 'go.mod' : `${version}.mod`,
    goPackage: '.',
    module: 'k8s.io/kubernetes',
    stamp: kubernetesStamp,
    names: KUBERNETES_PROGRAMS,
    seconds: BUILD_SECONDS[version],
  };
}

function toolOf(binary: string, module: string, rest: Partial<GoTool> & Pick<GoTool, 'goPackage' | 'seconds'>): GoTool {
  return { binary, folder: binary, modFile: 'go.mod', module, stamp: () => ({}), names: [], ...rest };
}

const helm = (major: 3 | 4): GoTool =>
  toolOf(`helm${major}`, `helm.sh/helm/v${major}`, {
    goPackage: `helm.sh/helm/v${major}/cmd/helm`,
    stamp: (version) => ({ [`helm.sh/helm/v${major}/internal/version.version`]: version }),
    seconds: 100,
  });

/** The stages that make simulated nodes Ready and their pods Running; the program itself has none built in. */
const KWOK_STAGES = [
  'node/fast/node-initialize.yaml',
  'node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
  'pod/fast/pod-ready.yaml',
  'pod/fast/pod-complete.yaml',
  'pod/fast/pod-delete.yaml',
];

export const GO_TOOLS = {
  helm3: helm(3),
  helm4: helm(4),
  kwok: toolOf('kwok', 'sigs.k8s.io/kwok', {
    goPackage: 'sigs.k8s.io/kwok/cmd/kwok',
    stamp: (version) => ({ 'sigs.k8s.io/kwok/pkg/consts.Version': version }),
    extra: { name: 'stages.yaml', files: KWOK_STAGES.map((file) => `kustomize/stage/${file}`) },
    seconds: 90,
  }),
  pause: toolOf('pause', '', { goPackage: '.', seconds: 10 }),
  actionlint: toolOf('actionlint', 'github.com/rhysd/actionlint', {
    goPackage: 'github.com/rhysd/actionlint/cmd/actionlint',
    seconds: 30,
  }),
} satisfies Readonly<Record<string, GoTool>>;

export type GoToolName = 'kubernetes' | keyof typeof GO_TOOLS;

export function goTool(name: GoToolName, kubernetes: KubernetesVersion): GoTool {
  return name === 'kubernetes' ? kubernetesTool(kubernetes) : GO_TOOLS[name];
}
