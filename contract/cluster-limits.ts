// The bounds of what runs on a cluster: pools, routers, the operator, how they talk to an API
// server. Imported through limits.ts, as all others.

const MiB = 1024 * 1024;

/** What a SandboxPool may ask for. Lists and maps are bounded so that its object stays small. */
export const sandboxPoolLimits = {
  /** The longest child name, `<name>-runtime-tls` and what Deployments add, fits a label's 63. */
  nameCharsMax: 40,
  replicasMax: 1_000,
  routerReplicasMax: 100,
  sandboxesPerPodMax: 1_000_000,
  imageCharsMax: 512,
  referenceCharsMax: 253,
  labelKeyCharsMax: 317,
  labelValueCharsMax: 63,
  annotationValueCharsMax: 1_024,
  entriesMax: 32,
  itemsMax: 16,
  conditionMessageCharsMax: 1_024,
  /** Memory of a runtime pod beside its workers: Node, the compiled module, bodies, outputs. */
  overheadBytes: 256 * MiB,
} as const;

/** How we talk to an API server. */
export const kubernetesLimits = {
  requestMs: 15_000,
  /** Objects asked for at a time in a list. */
  pageObjects: 500,
  /** A watch ends by itself after this many seconds, and up to as many more. */
  watchSeconds: 240,
  /**
   * A watch that has said nothing for so long is dead: the API server sends a bookmark each minute.
   */
  watchSilenceMs: 150_000,
  /** A watch that ends sooner has failed, however politely: it is opened again after a while. */
  watchMsMin: 1_000,
  /** Every cache is compared with a new list this often, whatever the watch has said. */
  relistMs: 600_000,
  /** The first and the longest wait before a failed list or watch is tried again. */
  retryMsMin: 200,
  retryMsMax: 30_000,
  /** One object as JSON: etcd takes 1.5 MiB. */
  objectBytesMax: 4 * MiB,
  /** The first and the longest wait before a failed key is tried again. */
  keyRetryMsMin: 5,
  keyRetryMsMax: 1_000_000,
  /** Keys handed out per second over a longer time, and at once. */
  keysPerSecond: 20,
  keysBurst: 100,
  /** As client-go's leader election: a lease holds so long, and its holder gives up earlier. */
  leaseMs: 15_000,
  leaseRenewMs: 10_000,
  leaseRetryMs: 2_000,
  /** Events of one pool and reason within this time count as one. */
  eventWindowMs: 600_000,
  eventsRememberedMax: 1_000,
  eventNoteCharsMax: 1_024,
} as const;

/** What a router holds and waits for. */
export const routerLimits = {
  /** base64url of a length-prefixed user name and uid: Kubernetes bounds both far below. */
  callerKeyCharsMax: 2_048,
  /**
   * A caller's idle connection is kept no longer than a router that ends goes on serving: one that
   * was told so has left it by itself before it is closed, and sends no request into its end.
   */
  callerKeepAliveMs: 5_000,
  /** From taking a request in to its answer: the longest evaluation and what waits before it. */
  deadlineMs: 75_000,
  connectMs: 3_000,
  connectionsPerMember: 256,
  /** A member's idle connection is dropped well before the member would drop it. */
  keepAliveMs: 30_000,
  /** A member that is not ready, but not going either, stays owner of its sandboxes for so long. */
  unreadyGraceMs: 10_000,
  /** How long a request waits for a member when there is none, before it is refused. */
  memberWaitMs: 2_000,
  attemptsMax: 3,
  /** Answers of the API server about callers are kept so long without asking again … */
  authFreshMs: 30_000,
  /** … and are used at most so long when it gives the same answer no more often. */
  authMaxMs: 120_000,
  authEntriesMax: 10_000,
  authRefusedEntriesMax: 1_000,
  /** Reviews under way at once; more callers wait in line. */
  reviewsMax: 64,
  /** A caller seen within this time is asked about again before its answer is old. */
  authRecentMs: 60_000,
  /** A refusal is believed so long: who was just given a role does not wait. */
  authRefusedMs: 2_000,
  /** How often members and callers are looked at apart from events. */
  lookMs: 1_000,
  tokenCharsMax: 8_192,
} as const;

/** How long a pool's certificates last, and how they are replaced. */
export const certificateLimits = {
  /** From signing to the end of trust. */
  validMs: 90 * 24 * 60 * 60 * 1000,
  /** Replaced when they are this old. */
  renewAfterMs: 60 * 24 * 60 * 60 * 1000,
  /** Time for every pod to have read what was written last: kubelets take a minute or two. */
  settleMs: 10 * 60 * 1000,
  /** Clocks of nodes differ by less. */
  backdateMs: 60 * 60 * 1000,
} as const;

/** How an operator works. */
export const operatorLimits = {
  concurrency: 4,
  /** Every pool is looked at this often, whatever was heard of it. */
  resyncMs: 300_000,
  /** A pool whose children are refused is looked at again this often. */
  refusedMs: 15_000,
  /** Writes remembered until the caches have them. */
  writtenMax: 10_000,
  /** How long an operator that ends waits for what it has begun. */
  endMs: 1_000,
  /** Outside of a pod: a lease that is not ours after this long is another's. */
  leaseWaitMs: 20_000,
} as const;
