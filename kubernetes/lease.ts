// Which of several replicas may write: a coordination.k8s.io Lease, renewed well before it ends. A
// holder that could not renew in time stops writing by its own monotonic clock, before anybody else
// may take the Lease over: a process that was stopped and goes on writes nothing.

import { setTimeout as sleep } from 'node:timers/promises';
import { kubernetesLimits as limits } from '../contract/limits.ts';
import { WriteRefused, type Client } from './client.ts';
import { isConflict, isNotFound, type Answer } from './failure.ts';
import { pathOf, resources, type KubernetesObject } from './resource.ts';

interface LeaseObject extends KubernetesObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

export interface LeaseOptions {
  /** One without a fence: its writes are how the right to write is won. */
  readonly client: Client;
  readonly namespace: string;
  readonly name: string;
  /** Who we are, different for every process. */
  readonly identity: string;
  readonly onAcquired: () => void;
  /** The lease was ours and is no longer: nothing may be written any more. */
  readonly onLost: (why: string) => void;
}

/** RFC 3339 with microseconds, as metav1.MicroTime. */
const microTime = (): string => new Date().toISOString().replace('Z', '000Z');

export class Lease {
  readonly #options: LeaseOptions;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  /** Monotonic time of sending the last renewal that succeeded; undefined: not ours. */
  #renewedAt: number | undefined;
  /** What we saw last of another holder, and since when it has not changed. */
  #seen: { readonly version: string; readonly at: number } | undefined;
  #held: LeaseObject | undefined;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#done = this.#run();
  }

  get isHeld(): boolean {
    return (
      this.#renewedAt !== undefined && performance.now() - this.#renewedAt < limits.leaseRenewMs
    );
  }

  /** A fence for `Client.fenceWrites`: throws when the lease may not be ours any more. */
  readonly fence = (): void => {
    if (!this.isHeld) throw new WriteRefused('the lease is not held: nothing is written');
  };

  /** Gives the lease back, so that another takes it at once. */
  async release(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    // Only now: a renewal that was under way has changed what a replacement must name.
    const held = this.isHeld ? this.#held : undefined;
    this.#renewedAt = undefined;
    if (!held) return;
    await this.#put({
      ...held,
      spec: { ...held.spec, holderIdentity: '', leaseDurationSeconds: 1 },
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#attempt();
      if (this.#renewedAt !== undefined && !this.isHeld) {
        this.#renewedAt = undefined;
        this.#options.onLost('it could not be renewed in time');
        return;
      }
      await sleep(limits.leaseRetryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #attempt(): Promise<void> {
    const { namespace, name } = this.#options;
    const found = await this.#options.client.get<LeaseObject>(resources.lease, { namespace, name });
    if (this.#stop.signal.aborted) return;
    if (found.ok) await this.#takeOrRenew(found.value);
    else if (isNotFound(found.failure)) await this.#create();
  }

  async #create(): Promise<void> {
    const sentAt = performance.now();
    const { client, namespace, name } = this.#options;
    const lease = { metadata: { name, namespace }, spec: this.#spec(undefined) };
    this.#settle(await client.create<LeaseObject>(resources.lease, namespace, lease), sentAt);
  }

  async #takeOrRenew(found: LeaseObject): Promise<void> {
    const ours = found.spec?.holderIdentity === this.#options.identity;
    if (this.#renewedAt !== undefined && !ours) {
      this.#renewedAt = undefined;
      this.#options.onLost(`${found.spec?.holderIdentity ?? 'another'} holds it`);
      this.#stop.abort();
      return;
    }
    if (!ours && !this.#hasLapsed(found)) return;
    const sentAt = performance.now();
    this.#settle(await this.#put({ ...found, spec: this.#spec(found) }), sentAt);
  }

  /** By our own clock: the other holder has not renewed for a whole lease. */
  #hasLapsed({ metadata, spec }: LeaseObject): boolean {
    if (spec?.holderIdentity === undefined || spec.holderIdentity === '') return true;
    const version = metadata.resourceVersion ?? '';
    const now = performance.now();
    if (this.#seen?.version !== version) this.#seen = { version, at: now };
    return now - this.#seen.at > (spec.leaseDurationSeconds ?? 0) * 1000;
  }

  #spec(found: LeaseObject | undefined): NonNullable<LeaseObject['spec']> {
    const before = found?.spec ?? {};
    const ours = before.holderIdentity === this.#options.identity;
    const now = microTime();
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: limits.leaseMs / 1000,
      acquireTime: (ours ? before.acquireTime : undefined) ?? now,
      renewTime: now,
      leaseTransitions: (before.leaseTransitions ?? -1) + (ours ? 0 : 1),
    };
  }

  #put(lease: LeaseObject): Promise<Answer<LeaseObject>> {
    const { namespace, name } = this.#options;
    return this.#options.client.send<LeaseObject>({
      method: 'PUT',
      path: pathOf(resources.lease, { namespace, name }),
      body: lease,
    });
  }

  #settle(answer: Answer<LeaseObject>, sentAt: number): void {
    if (!answer.ok) {
      // Somebody was faster; the next look tells who.
      if (isConflict(answer.failure)) this.#seen = undefined;
      return;
    }
    const isNew = this.#renewedAt === undefined;
    this.#renewedAt = sentAt;
    this.#held = answer.value;
    // Won while it is given back: release() takes care of it.
    if (isNew && !this.#stop.signal.aborted) this.#options.onAcquired();
  }
}
