// A port that nobody uses. Below those that the kernel gives to outgoing connections: whoever calls
// a server that is away would else be given its port, and keep it.

import { createServer } from 'node:net';

const first = 10_000;
const span = 20_000;
/** Of each process: those that start at the same time look in different places. */
const share = 16;

let next = (process.pid * share) % span;

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer();
  const opened = new Promise<boolean>((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(true);
    });
  });
  if (!(await opened)) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
};

export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = first + next;
    next = (next + 1) % span;
    if (await isFree(port)) return port;
  }
};
