// The images that a node needs before it runs anything of ours: the pause that holds a pod's
// namespaces, CoreDNS, and a busybox for clients.

import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packImage } from './oci.ts';

const pauseSource = `
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static void end(int number) { (void)number; exit(0); }
static void reap(int number) { (void)number; while (waitpid(-1, 0, WNOHANG) > 0); }
int main(void) {
  signal(SIGINT, end);
  signal(SIGTERM, end);
  signal(SIGCHLD, reap);
  for (;;) pause();
}
`;

const pause = (folder: string): void => {
  const source = join(folder, '..', 'pause.c');
  writeFileSync(source, pauseSource);
  execFileSync('cc', ['-Os', '-static', '-s', '-o', join(folder, 'pause'), source]);
  rmSync(source);
};

const busybox = (folder: string): void => {
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'tmp'), { mode: 0o1777 });
  copyFileSync('/bin/busybox', join(folder, 'bin/busybox'));
  execFileSync('chmod', ['755', join(folder, 'bin/busybox')]);
  const applets = execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).split('\n');
  for (const applet of applets) {
    if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(folder, 'bin', applet));
  }
};

/** Makes the archives that are missing in `folder`. `coredns` is the program's path. */
export const ensureBaseImages = (folder: string, coredns: string): void => {
  mkdirSync(folder, { recursive: true });
  const make = (
    name: string,
    fill: (rootFs: string) => void,
    config: Readonly<Record<string, unknown>>,
  ): void => {
    const archive = join(folder, `${name}.tar`);
    if (existsSync(archive)) return;
    const work = mkdtempSync(join(tmpdir(), 'paddock-image-'));
    const rootFs = join(work, 'root');
    mkdirSync(rootFs);
    fill(rootFs);
    packImage(`paddock.test/${name}:1`, rootFs, config, archive);
    rmSync(work, { recursive: true });
  };
  make('pause', pause, { Entrypoint: ['/pause'], User: '65535' });
  make('busybox', busybox, { Cmd: ['sh'], Env: ['PATH=/bin'] });
  make(
    'coredns',
    (rootFs) => {
      copyFileSync(coredns, join(rootFs, 'coredns'));
    },
    { Entrypoint: ['/coredns'] },
  );
};
