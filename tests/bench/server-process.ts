// A server as a process of its own: started, asked over one kept connection, its CPU time read,
// ended.

import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

export interface Served {
  readonly name: string;
  readonly args: (port: string) => readonly string[];
  readonly readyPath: string;
  readonly env?: NodeJS.ProcessEnv;
}

const freePort = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `${port}`;
};

export const send = (
  port: string,
  path: string,
  body?: string,
): Promise<[code: number, text: string]> => {
  const { promise, resolve, reject } = Promise.withResolvers<[number, string]>();
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const method = body === undefined ? 'GET' : 'POST';
  const sent = request({ host: '127.0.0.1', port, path, agent, method, headers }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.on('end', () => {
      resolve([response.statusCode ?? 0, text]);
    });
  });
  sent.on('error', reject).end(body);
  return promise;
};

export interface Running {
  readonly child: ChildProcess;
  readonly port: string;
  readonly readyMs: number;
}

/** Starts a server and waits until it says that it is ready. */
export const start = async ({ name, args, readyPath, env = {} }: Served): Promise<Running> => {
  const port = await freePort();
  const begin = performance.now();
  const child = spawn(process.execPath, args(port), {
    ...{ cwd: root, stdio: 'ignore', env: { ...process.env, ...env } },
  });
  while (performance.now() - begin < 30_000 && child.exitCode === null) {
    const code = await send(port, readyPath).then(
      ([status]) => status,
      () => 0,
    );
    if (code === 200) return { child, port, readyMs: performance.now() - begin };
    await sleep(2);
  }
  child.kill('SIGKILL');
  throw new Error(`${name} did not become ready`);
};

export const stop = async ({ child }: Running): Promise<void> => {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  await gone;
};

/** CPU time of a process, all threads, in milliseconds; NaN where /proc is not. */
export const cpuMs = ({ child }: Running): number => {
  try {
    const stat = readFileSync(`/proc/${String(child.pid)}/stat`, 'utf8');
    // Fields after the command's closing parenthesis; utime and stime are 14 and 15 of proc(5), in
    // ticks of 10 ms (USER_HZ is 100 on Linux).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
};

export const closeConnections = (): void => {
  agent.destroy();
};
