// What the chart's README and its notes tell people to do next is done, word for word, but for the
// port of this machine, which may be taken.

import test from 'ava';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { onOurs } from '../cluster/cluster.ts';
import { freePort } from '../cluster/ports.ts';
import { installCluster, type InstalledCluster } from '../helpers/installed-cluster.ts';

const run = promisify(execFile);
const root = new URL('../../', import.meta.url).pathname;
const inDefault = onOurs(test.serial, 'the namespace default');
let cluster: InstalledCluster;

test.before(async () => {
  cluster = await installCluster();
});

test.after.always(() => cluster.stop());

/** Runs commands as a person does in a shell of theirs, and gives the last line that they print. */
const follow = async (commands: string): Promise<string> => {
  const port = await freePort();
  const script = `set -euo pipefail; trap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n${commands}`;
  const { stdout } = await run('bash', ['-c', script.replaceAll('8080', String(port))], {
    ...{ env: cluster.env, cwd: root },
  });
  return stdout.trim().split('\n').at(-1) ?? '';
};

const undo = async (): Promise<void> => {
  await cluster.kubectl('delete', 'sbp', 'plugins');
  await cluster.kubectl('delete', 'rolebinding', 'plugins-callers');
  await cluster.until('its pods are gone', async () => {
    const pods = await cluster.kubectl('get', 'pods', '-l', 'paddock.dev/pool', '-o', 'name');
    return pods === '';
  });
};

const readme = (): Promise<string> => readFile(`${root}charts/paddock/README.md`, 'utf8');

inDefault('the README: a pool, a caller, a result', async (t) => {
  const [, section = ''] = (await readme()).split('## A pool, and a caller\n');
  const [, commands = ''] = section.split('```\n');
  const answer = JSON.parse(await follow(commands)) as object;
  t.like(answer, { status: 'OK', result: 1 });
  await undo();
});

inDefault('the README: a client inside the cluster, as the API server takes it', async (t) => {
  const [, manifest = ''] = /```yaml\n([^`]*)```/.exec(await readme()) ?? [];
  t.regex(manifest, /kind: Pod/);
  const apply = `kubectl apply --dry-run=server -f - <<'EOF'\n${manifest}\nEOF`;
  t.regex(await follow(apply), /pod\/client created/);
});

inDefault('the notes of the install: a pool, a caller, a result', async (t) => {
  const notes = await cluster.helm('get', 'notes', 'paddock', '--namespace', 'paddock');
  // Commands are indented, what is said about them is not.
  const commands = notes
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .map((line) => line.slice(2))
    .join('\n');
  t.regex(commands, /^kubectl apply/);
  const answer = JSON.parse(await follow(commands)) as object;
  t.like(answer, { status: 'OK', result: 1 });
  await undo();
});
