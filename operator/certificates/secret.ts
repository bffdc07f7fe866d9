// One of a pool's two Secrets <-> what it holds. Pure.

import type { KubernetesObject } from '../../kubernetes/resource.ts';
import { group } from '../../contract/pool/names.ts';
import { trustedBy, type Held, type Stage } from './rotation.ts';

export interface SecretObject extends KubernetesObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

const annotation = {
  stage: `${group}/certificate-stage`,
  issuedAt: `${group}/certificate-issued-at`,
  since: `${group}/certificate-stage-since`,
  rotation: `${group}/certificate-rotation`,
} as const;

const isStage = (text: string | undefined): text is Stage =>
  text === 'steady' || text === 'trust' || text === 'switch';

const encode = (text: string): string => Buffer.from(text).toString('base64');
const decode = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString();

/** Undefined for a Secret that is not as we write them. */
export const heldIn = (secret: SecretObject): Held | undefined => {
  const { annotations = {} } = secret.metadata;
  const { data = {} } = secret;
  const stage = annotations[annotation.stage];
  const issuedAt = Date.parse(annotations[annotation.issuedAt] ?? '');
  const since = Date.parse(annotations[annotation.since] ?? '');
  const rotation = annotations[annotation.rotation] ?? '';
  const leaf = { cert: decode(data['tls.crt']), key: decode(data['tls.key']) };
  const ca = decode(data['own-ca.crt']);
  const whole = leaf.cert !== '' && leaf.key !== '' && ca !== '' && rotation !== '';
  if (!isStage(stage) || !whole || Number.isNaN(issuedAt) || Number.isNaN(since)) return undefined;
  const otherCa = decode(data['other-ca.crt']);
  const next = { cert: decode(data['next.crt']), key: decode(data['next.key']) };
  const other =
    otherCa === ''
      ? undefined
      : { ca: otherCa, ...(next.cert === '' || next.key === '' ? {} : { leaf: next }) };
  const held = { stage, issuedAt, since, rotation, leaf, ca, ...(other ? { other } : {}) };
  // A bundle that says otherwise was edited by hand.
  return decode(data['ca.crt']) === trustedBy(held) ? held : undefined;
};

/** What a Secret that holds this is. */
export const secretOf = (metadata: KubernetesObject['metadata'], held: Held): SecretObject => {
  const { stage, issuedAt, since, rotation, leaf, ca, other } = held;
  return {
    metadata: {
      ...metadata,
      annotations: {
        [annotation.stage]: stage,
        [annotation.issuedAt]: new Date(issuedAt).toISOString(),
        [annotation.since]: new Date(since).toISOString(),
        [annotation.rotation]: rotation,
      },
    },
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': encode(leaf.cert),
      'tls.key': encode(leaf.key),
      'ca.crt': encode(trustedBy(held)),
      'own-ca.crt': encode(ca),
      ...(other ? { 'other-ca.crt': encode(other.ca) } : {}),
      ...(other?.leaf
        ? { 'next.crt': encode(other.leaf.cert), 'next.key': encode(other.leaf.key) }
        : {}),
    },
  };
};
