// The chart's life on a real API server: a CRD that outlived its release belongs to the next one,
// and the pools with it.

import test from 'ava';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { startCluster } from '../cluster/cluster.ts';

const run = promisify(execFile);
const chart = new URL('../../charts/paddock', import.meta.url).pathname;
const crd = 'sandboxpools.paddock.dev';

/** The commands that the chart's README gives for taking a CRD over. */
const takeOver = async (): Promise<readonly string[]> => {
  const text = await readFile(`${chart}/README.md`, 'utf8');
  return text.split('\n').filter((line) => /^kubectl (label|annotate) crd /.test(line));
};

test('uninstall keeps CRD and pools; a new install takes them over', async (t) => {
  const plane = await startCluster();
  const { env } = plane;
  const call = async (file: string, ...args: readonly string[]): Promise<string> =>
    (await run(file, args, { env })).stdout;
  const install = (release: string, namespace: string) =>
    call(
      ...([
        'helm',
        'install',
        release,
        chart,
        '--namespace',
        namespace,
        '--create-namespace',
      ] as const),
      // Should there be nodes: the images that the chart names are nobody's yet.
      ...['--set', 'operator.nodeSelector.nowhere=yes'],
    );
  const pools = () => call('kubectl', 'get', '-n', 'shop', 'sandboxpools', '-o', 'name');
  const owner = async () => {
    const { metadata } = JSON.parse(await call('kubectl', 'get', 'crd', crd, '-o', 'json')) as {
      readonly metadata: { readonly uid: string; readonly annotations: Record<string, string> };
    };
    const release = metadata.annotations['meta.helm.sh/release-name'];
    return [metadata.uid, release, metadata.annotations['meta.helm.sh/release-namespace']];
  };
  try {
    await install('paddock', 'paddock');
    await call('kubectl', 'wait', '--for=condition=Established', `crd/${crd}`);
    const [uid] = await owner();
    const pool = new URL('../../examples/sandboxpool/pool.yaml', import.meta.url).pathname;
    await call('kubectl', 'create', 'namespace', 'shop');
    await call('kubectl', 'apply', '-n', 'shop', '-f', pool);
    await call('helm', 'uninstall', 'paddock', '--namespace', 'paddock');
    t.regex(await pools(), /plugins/);

    // The same release again owns what it left.
    await install('paddock', 'paddock');
    t.deepEqual(await owner(), [uid, 'paddock', 'paddock']);
    await call('helm', 'uninstall', 'paddock', '--namespace', 'paddock');

    // Another release is refused until the CRD is given to it, as the README says.
    await t.throwsAsync(install('other', 'elsewhere'), { message: /invalid ownership metadata/ });
    const commands = await takeOver();
    t.is(commands.length, 2);
    for (const command of commands) {
      const [, ...args] = command
        .replace('release-name=paddock', 'release-name=other')
        .replace('release-namespace=paddock', 'release-namespace=elsewhere')
        .split(' ');
      await call('kubectl', ...args);
    }
    await install('other', 'elsewhere');
    t.deepEqual(await owner(), [uid, 'other', 'elsewhere']);
    t.regex(await pools(), /plugins/);
  } finally {
    await plane.stop();
  }
});
