// Who a caller is, and the key that its sandboxes are kept under. Pure.

/** As an API server knows it: TokenReview's status.user. */
export interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

const prefixed = (part: string): string => `${part.length}:${part}`;

/**
 * The caller's key: each part carries its length, so that no two users share one, and the uid makes
 * a recreated account another.
 */
export const keyOf = ({ username, uid = '' }: User): string =>
  Buffer.from(`${prefixed(username)}${prefixed(uid)}`).toString('base64url');

/** The space that all callers without a token share: no user has a name without a length. */
export const anonymousKey = Buffer.from('anonymous').toString('base64url');

/** What a ring places: a sandbox of a caller. */
export const sandboxKey = (caller: string, sandboxId: string): string =>
  `${prefixed(caller)}${sandboxId}`;
