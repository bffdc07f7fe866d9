// Every bound of the product, with its unit last in its name and its reason beside it. Nothing else
// in the code base may hold a number that limits what an outsider can do.

const KiB = 1024;
const MiB = 1024 * KiB;

/**
 * What one evaluation may use. A request's `limits` may lower `fuel` and `memory_bytes`, never
 * raise them.
 */
export interface EvaluationLimits {
  /** Units of fuel for each stage, INIT and SCRIPT apart. */
  readonly fuelMax: number;
  /** Bytes of memory of a sandbox, the interpreter's own included. Held to one 64-KiB page. */
  readonly memoryBytesMax: number;
  /** Milliseconds of wall-clock time for a call, both stages together: the watchdog behind fuel. */
  readonly timeMsMax: number;
  /** Bytes of each of init_script and script. */
  readonly sourceBytesMax: number;
  /** Bytes of each of stdout and stderr that are kept; the rest is cut, and the cut is marked. */
  readonly outputBytesMax: number;
  /** Bytes of a result's JSON. A longer one is a RUNTIME_ERROR: a cut result would not be JSON. */
  readonly resultBytesMax: number;
}

export const evaluationLimits: EvaluationLimits = {
  // About one second of CPU on a present-day core: `npm run bench:fuel` prints the units per
  // millisecond.
  fuelMax: 40_000_000_000,
  memoryBytesMax: 64 * MiB,
  // Fuel for one second may take several on a crowded machine; two stages.
  timeMsMax: 30_000,
  sourceBytesMax: 1 * MiB,
  outputBytesMax: 64 * KiB,
  resultBytesMax: 1 * MiB,
};

/** What the fields of a request may hold. */
export const requestLimits = {
  sandboxIdCharsMax: 256,
  sourceBytesCeiling: 1 * MiB,
  inputBytesMax: 1 * MiB,
  /** Fields of a body, repeated ones counted too: a request has seven. */
  fieldsMax: 32,
  /** Bytes of an array or object in any field but `input`: `limits` takes less than a hundred. */
  fieldBytesMax: 4 * KiB,
  /** The body: two sources, an input, and the escapes of JSON (at worst six bytes for one). */
  bodyBytesMax: 4 * MiB,
  /** The interpreter needs this much to boot and to say anything at all. */
  memoryBytesMin: 8 * MiB,
  /** A memory of 32-bit wasm ends here; V8 and the meter both count below 2^31. */
  memoryBytesCeiling: 1024 * MiB,
  /** The largest fuel that a JSON number carries exactly. */
  fuelCeiling: Number.MAX_SAFE_INTEGER,
  /**
   * Dates of ECMA-262 reach this many milliseconds to either side of the epoch (section 21.4.1.1).
   */
  nowMsMax: 8.64e15,
} as const;

/** What texts about a failure may hold. */
export const failureLimits = {
  messageBytesMax: 4 * KiB,
  stackBytesMax: 16 * KiB,
  /** Characters of a wrong value that an explanation shows. */
  shownCharsMax: 60,
  /** Faults of one request that an explanation lists. */
  faultsMax: 8,
} as const;

/** How many sandboxes one process keeps, and how long. */
export interface SandboxLimits {
  /** Sandboxes kept; the least recently used one is forgotten first. */
  readonly sandboxesMax: number;
  /**
   * Bytes of all of them together: half of it live, in equal shares for the workers, half of it
   * dormant; again the least recently used are forgotten first.
   */
  readonly sandboxesBytesMax: number;
  /** A sandbox that nobody has called for so long is forgotten. */
  readonly sandboxIdleMs: number;
}

/** What one process holds. */
export const poolLimits = {
  /** Worker threads: more than the CPUs of any machine we know of only cost memory. */
  workersMax: 512,
  /** Worker threads beside those, for short calls while slow ones hold the others. */
  spareWorkers: 1,
  /** Sandboxes kept live in each worker thread; the least recently used one rests first. */
  livePerWorkerMax: 48,
  /** Of these, the ones that are made again in a moment: a slot is memory that others could use. */
  liveCheapPerWorkerMax: 16,
  /** Sandboxes kept, live and dormant, unless it is set otherwise. */
  sandboxesMax: 100_000,
  /**
   * Bytes of sandboxes for each worker thread, unless it is set otherwise: a half for live ones,
   * the other for dormant ones.
   */
  sandboxBytesPerWorkerMax: 512 * MiB,
  /** What a dormant sandbox costs beside its checkpoint and journal. */
  dormantBytes: 1 * KiB,
  /** Bytes of checkpoints that wait as they are, not packed: those of sandboxes used last … */
  plainBytesMax: 96 * MiB,
  /** … and never more than this share of what sandboxes may take. */
  plainShareMax: 1 / 4,
  /** Checkpoints being packed at once. So much beyond the bytes wait for that, no more. */
  packingMax: 2,
  packingShareMax: 1 / 8,
  /** Evaluations that wait for a worker, all callers together. */
  queueLengthMax: 1_000,
  /** The same of one caller: however many he sends, others find room. */
  queuePerCallerMax: 500,
  /** Bytes of sources and inputs that wait for a worker. */
  queueBytesMax: 64 * MiB,
  /** Bytes of all request bodies that are being read, waited for or answered. */
  bodiesBytesMax: 128 * MiB,
  /** A sandbox that nobody has called for so long is forgotten, unless it is set otherwise. */
  sandboxIdleMs: 24 * 60 * 60 * 1000,
  /** A slot whose memory has grown beyond this is replaced rather than zeroed and reused. */
  slotBytesMax: 16 * MiB,
  /** Bytes of replaced slots that may wait for V8's collector before a worker makes it run. */
  discardedBytesMax: 64 * MiB,
  /** Slots with nothing in them that a worker keeps for the next sandbox. */
  idleSlotsPerWorkerMax: 4,
  /** Fuel between two looks at the clock and at the main thread's messages: about 0.5 ms. */
  quantumFuel: 20_000_000,
  /**
   * From so much fuel on for each byte of its slot a call no longer notes what it writes: about
   * 5 ms where a sandbox is small, from which on it is slow anyway.
   */
  notingFuelPerByte: 40,
  /** The same of what such calls have used on average, from which on one begins without: 1 ms. */
  notingFuelExpectedPerByte: 8,
  /**
   * A call that has run this long is slow: it no longer counts as one of the calls that may run at
   * once, gives way to others at each quantum, and its home's other sandboxes go elsewhere.
   */
  slowAfterMs: 5,
  /**
   * A call that has used so much, some 20 ms, holds its worker: the sandboxes that live there rest,
   * a few at a time, so that whoever calls one next need not make it again from its journal.
   */
  clearFuel: 1_000_000_000,
  clearAtOnce: 4,
  /** How far back the share of its time goes that a worker has been busy. */
  shareMs: 250,
  /** Sandboxes leave a busy worker when another is busy for so much less of its time … */
  unevenMin: 0.5,
  /** … and each is taken to bring so much along, until that has been seen. */
  movedShare: 0.25,
  /** How long a slow call gives way at each quantum while others wait or run. */
  yieldMs: 2,
  /**
   * How long it leaves its core at each quantum while calls keep coming and all cores are taken by
   * calls: the kernel rounds it up to what it takes to wake a thread.
   */
  breathMs: 0.05,
  /** Calls keep coming until none has begun for so long. */
  comingMs: 50,
  /** How much the last call counts in a caller's share of slow calls and mean of fuel … */
  habitWeight: 1 / 4,
  /** … from which share on his next calls count as slow from their beginning … */
  habitSlowShare: 0.6,
  /** … and below which, and that of a quantum, nothing is remembered; nor of more callers. */
  habitShareMin: 0.05,
  habitsMax: 1_000,
  /**
   * A script whose calls use so much on average, some 1 ms, is remembered, and told by so much of
   * its text.
   */
  longFuel: 40_000_000,
  scriptHeadChars: 448,
  scriptTailChars: 64,
  /**
   * A call on trial, beside the slow ones of its caller, is stopped after so much fuel: some 5 ms.
   * The same of a sandbox's last call tells that its next one is not worth a trial.
   */
  trialFuel: 200_000_000,
  /** After one that was stopped its caller's next trial waits so long, twice as long each time. */
  trialPauseMs: 20,
  trialPauseMsMax: 1_000,
  /** Calls of one caller that are looked at for one that can be tried. */
  trialLooksMax: 32,
  /** How long a thread looks for the next message before it sleeps: about what waking it costs. */
  lingerMs: 0.1,
  /** How long a worker may keep its event loop waiting while messages come without a pause. */
  lingerMsMax: 5,
  /** How often the watchdog looks for silent workers. */
  watchMs: 1_000,
  /** The longest wait before a worker that fails to start is started again. */
  restartMsMax: 5_000,
  /** How long past its deadline a worker may be silent before its thread is ended. */
  silenceMsMax: 5_000,
  /** The native stack of a worker: so large that the interpreter's own stack always ends first. */
  workerStackMb: 64,
  /**
   * The interpreter's own stack in a thread that is not ours, so small that it ends before Node's
   * 984 KiB do: of those, recursion takes at most three times as much (unoptimised code).
   */
  callerStackBytesMax: 256 * KiB,
  /** JavaScript heap of a worker, for the host's own objects (a sandbox's memory is not in it). */
  workerHeapMb: 128,
} as const;

/** How far a sandbox may be from its last checkpoint. */
export const journalLimits = {
  /** Bytes that an entry costs beside its texts. */
  entryBytes: 256,
  /** Of a live sandbox: a roll-back runs it all again, which is about 10 ms of CPU at most … */
  fuelMax: 250_000_000,
  entriesMax: 250,
  /** … and the main thread holds its texts until then. */
  bytesMax: 256 * KiB,
  /** Of a dormant one: to run so little again costs less than to copy the sandbox out. */
  lightFuelMax: 8_000_000,
  lightEntriesMax: 2,
  lightBytesMax: 4 * KiB,
  /** What running it again costs, roughly: by fuel, for each entry, for a copy of what comes. */
  fuelPerMs: 25_000_000,
  entryMs: 0.02,
  copyMs: 4,
  /** Bytes of an init image that take no time to copy. */
  lightImageBytesMax: 256 * KiB,
} as const;

/** How sandboxes get to disk, with `--state`. */
export const archiveLimits = {
  /** Bytes on disk, unless it is set otherwise. */
  bytesMax: 4 * 1024 * MiB,
  /** With less there is no room for a single large sandbox. */
  bytesMin: 64 * MiB,
  /** What has changed is written this often, so many at a time: 4,000 a second. */
  tickMs: 50,
  writesPerTick: 200,
  /**
   * An init image in use is put again when so much of the bound has been written since: it must not
   * be the first to go, for the sandboxes made from it go with it.
   */
  imageAgainShare: 1 / 8,
} as const;

/** Host functions, which an embedder may give to scripts. */
export const hostFunctionLimits = {
  namesMax: 64,
  nameCharsMax: 64,
  /** Bytes of the JSON of one argument. */
  argumentBytesMax: 256 * KiB,
  /** Bytes of the JSON of one result; a larger one is an error in the script. */
  resultBytesMax: 1 * MiB,
  /** Characters of an error's message that a script gets to see. */
  messageCharsMax: 1_000,
  /** Calls of one stage that wait for their answers, and all of them. */
  unansweredMax: 32,
  callsMax: 1_000,
  /** Evaluations that wait for their hosts: each holds a slot. */
  waitingMax: 256,
  /** The same of one caller. */
  waitingPerCallerMax: 64,
} as const;

/** What a worker keeps to find out where memories differ: enough for most of them. */
export const checkpointRoomBytes: number = 1 * MiB;

/** Init images: what init_scripts left, each for its caller. */
export const initImageLimits = {
  /** What runs for less than some 0.1 ms is not worth an image. */
  fuelMin: 3_000_000,
  imagesMax: 1_000,
  bytesMax: 128 * MiB,
  /** One of an init_script that needs more is not kept: it would push out too many others. */
  imageBytesMax: 8 * MiB,
  /** How many a worker knows at a time. */
  perWorkerMax: 256,
  perWorkerBytesMax: 64 * MiB,
} as const;

/** What one HTTP connection may take. */
export const httpLimits = {
  headerBytesMax: 16 * KiB,
  headersMsMax: 10_000,
  requestMsMax: 30_000,
  /** How often the two bounds above are looked after; they may be exceeded by so much. */
  checkMs: 1_000,
  /**
   * Chunks of a body that is sent in chunks: each costs some 2 us, and a body of one byte each
   * would hold everybody up for seconds.
   */
  chunksMax: 6_000,
  /** One that is longer is kept as it came; shorter ones are copied together, into such blocks. */
  chunkBytesCopied: 4 * KiB,
  chunkBlockBytesMax: 64 * KiB,
  /** What a chunk costs beside its bytes. */
  chunkBytes: 400,
  /** Requests of one connection that wait for their answers, each behind the last. */
  pipelinedMax: 100,
  /** A client that has not taken its answer by then holds memory that others need. */
  answerMsMax: 30_000,
  /** How long clients are told that an idle connection is kept … */
  keepAliveMs: 65_000,
  /**
   * … and how long it is: many clients do not listen, and would meet the end of a connection with
   * a request. Longer than they keep one by themselves, which is 90 s for Go's.
   */
  idleMs: 100_000,
  connectionsMax: 10_000,
  /** After SIGTERM: how long the server still accepts while /readyz already fails. */
  drainDelayMs: 5_000,
  /** API keys shorter than this could be guessed. */
  keyCharsMin: 16,
  keyFileBytesMax: 1 * MiB,
  retryAfterSeconds: 1,
  /** How often certificates are looked at: a kubelet takes a minute to bring new ones. */
  tlsLookMs: 5_000,
} as const;

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
   * A caller is told that its idle connection is kept no longer than a router that ends goes on
   * serving: one that listens has left it by then, and sends no request into its end.
   */
  callerKeepAliveMs: 5_000,
  /** From taking a request in to its answer: the longest evaluation and what waits before it. */
  deadlineMs: 75_000,
  connectMs: 3_000,
  /** Requests of one router under way to one member, and how many of them one caller's. */
  connectionsPerMember: 512,
  connectionsPerCaller: 256,
  /** So many that have none under way are still counted: to count one anew costs more. */
  idleLoadsMax: 64,
  /** A member's idle connection is dropped well before the member would drop it. */
  keepAliveMs: 30_000,
  /** A member that is not ready, but not going either, stays owner of its sandboxes for so long. */
  unreadyGraceMs: 10_000,
  /**
   * The longest wait before an API server that was away is asked for the members again: until then
   * a router goes by those it knew, and others may know better.
   */
  membersRetryMsMax: 5_000,
  /** How long a request waits for a member when there is none, before it is refused. */
  memberWaitMs: 2_000,
  attemptsMax: 3,
  /** Answers of the API server about callers are kept so long without asking again … */
  authFreshMs: 30_000,
  /** … and are used at most so long when it gives the same answer no more often. */
  authMaxMs: 120_000,
  authEntriesMax: 10_000,
  authRefusedEntriesMax: 1_000,
  /** Reviews under way at once, and how many more callers wait in line, and how long. */
  reviewsMax: 64,
  reviewsWaitingMax: 1_000,
  reviewWaitMs: 5_000,
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

/** What `--state` keeps on disk. */
export const stateLimits = {
  /** Characters of a key; on disk each takes two bytes, so that no two keys are written alike. */
  keyCharsMax: 4 * KiB,
  /** A sandbox's memory (64 MiB unless set otherwise), its globals and its journal. */
  valueBytesMax: 80 * MiB,
  /** The interpreter's name and those of 64 host functions, of 64 characters each. */
  bindingBytesMax: 8 * KiB,
  /** A segment is closed when it has grown to this, or to a share of the bound. */
  segmentBytes: 64 * MiB,
  segmentShareMax: 1 / 8,
  /**
   * Beyond this share of the bound the oldest keys go: a fuller log would copy more than it adds.
   */
  liveShareMax: 0.75,
  /** Beyond the share of dead bytes the worst segment is compacted. */
  deadShareMax: 0.5,
  /** A segment with fewer dead bytes is not worth the copying. */
  worthShareMin: 1 / 16,
  /** Segments that few records each were left in by restarts. */
  segmentsSpare: 64,
  /** Removals remembered, when there are fewer keys than that. */
  removalsMin: 10_000,
  /** Values that wait to be written; more are not kept. */
  pendingBytesMax: 128 * MiB,
  /** One write to the file system. */
  batchBytesMax: 4 * MiB,
  batchRecordsMax: 256,
  /** What was written is on the disk itself after this long. */
  syncMs: 500,
  /** A removal, or a compaction, that the disk refused is tried again after this long. */
  retryMs: 1_000,
  /** The same trouble is told once in this time, with how often it was met. */
  tellMs: 60_000,
} as const;
