// Who is calling: an API key from the key file, or nobody in particular where the operator said so.

import { createHash } from 'node:crypto';
import { httpLimits } from '../contract/limits.ts';
import { Refusal } from '../contract/failure.ts';
import type { HttpMiddleware } from './context.ts';

/** Digest of a key -> its caller. Looking a digest up tells nothing of a key by its timing. */
export type Keys = ReadonlyMap<string, string>;

const digestOf = (key: string): string => createHash('sha256').update(key).digest('hex');

/** What a header carries unchanged: a key of other characters would never be the one that came. */
const sendable = /^[!-~]+$/;

const lineOf = (line: string, number: number): readonly [digest: string, caller: string] => {
  const [caller = '', key = '', ...rest] = line.split(/\s+/);
  const right = key.length >= httpLimits.keyCharsMin && rest.length === 0 && sendable.test(key);
  if (right) return [digestOf(key), caller];
  throw new Error(
    `line ${number} of the key file: expected "CALLER KEY" with a key of at least ` +
      `${httpLimits.keyCharsMin} characters of ASCII and no white space in either`,
  );
};

/**
 * Reads a key file: a caller and its key on each line; empty lines and # comments are passed over.
 */
export const parseKeys = (text: string): Keys => {
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }));
  const entries = lines
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, number }) => lineOf(line, number));
  if (entries.length === 0) throw new Error('the key file holds no key');
  const keys = new Map(entries);
  if (keys.size < entries.length) throw new Error('the key file gives one key to two callers');
  return keys;
};

/** With keys, only their callers pass; without, everybody is one anonymous caller. */
export const authenticate =
  (keys: Keys | undefined): HttpMiddleware =>
  async (ctx, next) => {
    const [scheme, key = '', ...rest] = (ctx.req.headers.authorization ?? '').split(' ');
    const bearer = scheme?.toLowerCase() === 'bearer' && rest.length === 0;
    const caller = keys && bearer ? keys.get(digestOf(key)) : undefined;
    if (keys && caller === undefined) {
      throw new Refusal(
        'UNAUTHENTICATED',
        'Authorization: expected "Bearer KEY" with a key from the key file, got ' +
          (ctx.req.headers.authorization === undefined ? 'no such header' : 'another value'),
        { 'www-authenticate': 'Bearer' },
      );
    }
    ctx.state.caller = caller ?? '';
    await next();
  };
