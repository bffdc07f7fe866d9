// Requests under way to each member, and how many of them one caller's: each takes a connection of
// its own, so that none waits behind another's evaluation, and no caller takes all of them.

import { routerLimits as limits } from '../../contract/limits.ts';

interface Load {
  total: number;
  readonly callers: Map<string, number>;
}

export class Loads {
  readonly #members = new Map<string, Load>();

  /** How many members and callers are counted. */
  get size(): number {
    let size = this.#members.size;
    for (const { callers } of this.#members.values()) size += callers.size;
    return size;
  }

  /** Requests under way to a member. */
  of(member: string): number {
    return this.#members.get(member)?.total ?? 0;
  }

  /** Whether the member takes one more of this caller. */
  hasRoom(member: string, caller: string): boolean {
    const load = this.#members.get(member);
    if (!load) return true;
    return (
      load.total < limits.connectionsPerMember &&
      (load.callers.get(caller) ?? 0) < limits.connectionsPerCaller
    );
  }

  add(member: string, caller: string): void {
    let load = this.#members.get(member);
    if (!load) {
      load = { total: 0, callers: new Map() };
      this.#members.set(member, load);
    }
    load.total += 1;
    load.callers.set(caller, (load.callers.get(caller) ?? 0) + 1);
  }

  remove(member: string, caller: string): void {
    const load = this.#members.get(member);
    if (!load) return;
    const left = (load.callers.get(caller) ?? 0) - 1;
    if (left > 0 || load.callers.size <= limits.idleLoadsMax) load.callers.set(caller, left);
    else load.callers.delete(caller);
    load.total -= 1;
    if (load.total === 0 && this.#members.size > limits.idleLoadsMax) this.#members.delete(member);
  }
}
