// Whether a Secret's certificates are what its annotations say of them. Who may edit a Secret may
// break it in any way; what is not ours, or not whole, is issued anew and never served on.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { certificateLimits as limits } from '../../contract/limits.ts';
import type { Leaf } from './issue.ts';
import type { Held } from './rotation.ts';

export interface Expected {
  /** The one name of the leaf, as X509Certificate.subjectAltName spells it. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Certificates know whole seconds only. */
const secondMs = 1000;

const isLeafOf = (
  { cert, key }: Leaf,
  authority: string,
  signedAt: number,
  name: string,
): boolean => {
  const leaf = new X509Certificate(cert);
  const ca = new X509Certificate(authority);
  const saidMs = Date.parse(leaf.validFrom) + limits.backdateMs;
  return (
    leaf.subjectAltName === name &&
    leaf.checkPrivateKey(createPrivateKey(key)) &&
    leaf.checkIssued(ca) &&
    leaf.verify(ca.publicKey) &&
    Math.abs(saidMs - signedAt) <= secondMs
  );
};

/** False also for what is no certificate or no key at all. */
export const isGenuine = (held: Held, { name, now }: Expected): boolean => {
  const { leaf, ca, other, issuedAt, since } = held;
  // A time to come would put off a renewal until nothing is valid any more.
  if (Math.max(issuedAt, since) > now + limits.backdateMs) return false;
  try {
    if (!isLeafOf(leaf, ca, issuedAt, name)) return false;
    return other?.leaf === undefined || isLeafOf(other.leaf, other.ca, since, name);
  } catch {
    // OpenSSL throws at what it cannot parse.
    return false;
  }
};
