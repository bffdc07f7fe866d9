// Load from the network of a node, which goes on whatever happens to its API server.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ClusterNode } from '../cluster/node/node.ts';
import type { LoadPlan, Report } from './load-report.ts';

export interface Load {
  /** Lets the calls under way end, and tells how all of them did. */
  readonly stop: () => Promise<Report>;
}

const file = fileURLToPath(new URL('./load-process.ts', import.meta.url));

export const startLoad = ({ network }: ClusterNode, plan: LoadPlan): Load => {
  const child = spawn(
    'nsenter',
    [`--net=${network}`, process.execPath, file, JSON.stringify(plan)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const ended = new Promise((resolve) => child.once('close', resolve));
  return {
    async stop() {
      child.stdin.end();
      await ended;
      return JSON.parse(text) as Report;
    },
  };
};
