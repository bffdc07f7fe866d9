// The audit log of a cluster of ours: who did what, as a witness.

import { readFile } from 'node:fs/promises';

/** What the API server wrote down of a request. */
export interface Audited {
  readonly verb: string;
  readonly user: string;
  readonly code: number;
  /** As `apps/deployments`, with a subresource `paddock.dev/sandboxpools/status`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly at: string;
}

interface AuditLine {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly responseStatus?: { readonly code?: number };
  readonly objectRef?: Readonly<Record<string, string>>;
  readonly requestReceivedTimestamp: string;
}

const auditedOf = (line: AuditLine): Audited => {
  const {
    apiGroup = '',
    resource = '',
    subresource,
    namespace = '',
    name = '',
  } = line.objectRef ?? {};
  const path = [apiGroup, resource, subresource].filter((part) => part !== undefined);
  return {
    ...{ verb: line.verb, user: line.user.username, namespace, name },
    code: line.responseStatus?.code ?? 0,
    resource: path.join('/').replace(/^\//, ''),
    at: line.requestReceivedTimestamp,
  };
};

export const readAudited = async (path: string): Promise<readonly Audited[]> => {
  const lines = (await readFile(path, 'utf8')).split('\n');
  // The last line may be half written.
  return lines.slice(0, -1).map((line) => auditedOf(JSON.parse(line) as AuditLine));
};

const writing = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** Renewals of a lease: what a leader and a node say of themselves. */
export const isRenewal = ({ resource }: Audited): boolean =>
  resource === 'coordination.k8s.io/leases';

/** Questions of who somebody is and what they may: they are created, and nothing is stored. */
const isReview = ({ resource }: Audited): boolean =>
  /^(?:authentication|authorization)\.k8s\.io\//.test(resource);

/** Writes that a test is about, renewals of leases aside. */
const isWrite = (each: Audited): boolean =>
  writing.has(each.verb) && !isRenewal(each) && !isReview(each);

/** Writes of a user, renewals of its Lease aside. */
export const writesOf = (log: readonly Audited[], user: string): readonly Audited[] =>
  log.filter((each) => each.user === user && isWrite(each));

/** Writes within namespaces, whoever made them, renewals of leases aside. */
export const writesIn = (
  log: readonly Audited[],
  ...namespaces: readonly string[]
): readonly Audited[] => log.filter((each) => namespaces.includes(each.namespace) && isWrite(each));

const silenceSeconds = 20;

/** How long tests listen for writes, in milliseconds: PADDOCK_TEST_SILENCE is in seconds. */
export const silenceFor = (text = process.env['PADDOCK_TEST_SILENCE']): number => {
  const seconds = text === undefined || text === '' ? silenceSeconds : Number(text);
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1000;
  throw new Error(`PADDOCK_TEST_SILENCE: expected seconds, got ${text ?? ''}`);
};
