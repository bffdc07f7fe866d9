// The cluster that KUBECONFIG names, in place of one of ours: the same tests run there, but for
// those that need what only ours gives. Theirs is left as it was found, or not touched at all.

import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { ensureParts } from './build/build.ts';
import { controlPlaneParts } from './build/parts.ts';

const run = promisify(execFile);

/** Every namespace that a test makes: on somebody else's cluster none of them may be there. */
export const testNamespaces = [
  ...(['shop', 'customer', 'small', 'meshed', 'narrow'] as const),
  ...(['paddock', 'paddock-system', 'elsewhere'] as const),
] as const;
export type TestNamespace = (typeof testNamespaces)[number];

/** On what tests make outside of namespaces, and on nothing else. */
export const madeByTests = { 'paddock.dev/made-by': 'tests' } as const;

const unbound = ['runtimeclass', 'clusterrolebinding', 'clusterrole'];
const crd = 'sandboxpools.paddock.dev';

/** The file that KUBECONFIG names. Throws when it names several. */
export const foreignOf = (value: string | undefined): string | undefined => {
  if (value === undefined || value === '') return undefined;
  if (value.includes(delimiter)) {
    throw new Error(`KUBECONFIG: expected one file, the cluster to test on, got ${value}`);
  }
  return value;
};

export const foreignKubeconfig = foreignOf(process.env['KUBECONFIG']);

export interface Foreign {
  readonly kubeconfig: string;
  /** PATH with kubectl and helm. */
  readonly path: string;
  /** A folder of this run's own. */
  readonly folder: string;
  /** For kubectl and helm: credentials may come from a program that the user's own finds. */
  readonly env: NodeJS.ProcessEnv;
  readonly stop: () => Promise<void>;
}

const say = (text: string): void => {
  process.stderr.write(`# ${text}\n`);
};

const isOnPath = (program: string): boolean => {
  try {
    execFileSync(program, ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** The user's own kubectl and helm, or those that our clusters use. */
const toolsPath = (): string => {
  const own = process.env['PATH'] ?? '';
  if (isOnPath('kubectl') && isOnPath('helm')) return own;
  return [...ensureParts(controlPlaneParts, say), own].join(delimiter);
};

/** What a cluster has that these tests would make, and take away again. Pure. */
export const inTheWay = (names: readonly string[]): readonly string[] => {
  const ours = new Set([`customresourcedefinition.apiextensions.k8s.io/${crd}`]);
  for (const namespace of testNamespaces) ours.add(`namespace/${namespace}`);
  return names.filter((name) => ours.has(name));
};

/** Opens the cluster that KUBECONFIG names. Throws, touching nothing, when it is in use. */
export const openForeign = async (kubeconfig: string): Promise<Foreign> => {
  // kubectl would look for a cluster on this machine instead.
  if (!existsSync(kubeconfig)) throw new Error(`KUBECONFIG: expected a file, got ${kubeconfig}`);
  const path = toolsPath();
  const env = { ...process.env, PATH: path, KUBECONFIG: kubeconfig };
  const call = async (file: string, ...args: readonly string[]): Promise<string> =>
    (await run(file, args, { env })).stdout;
  const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');
  const found = inTheWay(lines(await call('kubectl', 'get', 'namespaces,crds', '-o', 'name')));
  if (found.length > 0) {
    throw new Error(
      `KUBECONFIG: expected a cluster without Paddock and without namespaces that these tests ` +
        `make and remove, got one that has ${found.join(', ')}`,
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'paddock-foreign-'));
  return {
    ...{ kubeconfig, path, folder, env },
    async stop() {
      for (const namespace of testNamespaces) {
        for (const release of lines(await call('helm', 'list', '-q', '-n', namespace))) {
          await call('helm', 'uninstall', release, '-n', namespace);
        }
      }
      const gone = ['--ignore-not-found', '--timeout=180s'];
      await call('kubectl', 'delete', 'crd', crd, ...gone);
      await call('kubectl', 'delete', 'namespace', ...testNamespaces, ...gone);
      const [[label, value] = []] = Object.entries(madeByTests);
      await call(
        'kubectl',
        'delete',
        unbound.join(),
        '-l',
        `${label ?? ''}=${value ?? ''}`,
        ...gone,
      );
      await rm(folder, { recursive: true });
    },
  };
};
