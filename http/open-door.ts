// No server of ours can be reached from other machines unless somebody said who may call.

import { isIP } from 'node:net';

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** @param guarded callers need a key or a certificate, or everybody is welcome by word */
export const refuseOpenDoor = (host: string, guarded: boolean): void => {
  if (isLoopback(host) || guarded) return;
  throw new Error(
    `host ${host} can be reached from other machines: give --key-file FILE, so that only callers ` +
      'with a key are served, or --anonymous, so that everybody is',
  );
};
