// Requests under way to each member, and how many of them one caller's: each takes a connection of
// its own, so that none waits behind another's evaluation, and no caller takes all of them.

import { routerLimits as limits } from '../../contract/limits.ts';

export class Loads {
  readonly #counts = new Map<string, number>();

  /** Requests under way to a member. */
  of(member: string): number {
    return this.#counts.get(member) ?? 0;
  }

  /** Whether the member takes one more of this caller. */
  hasRoom(member: string, caller: string): boolean {
    return (
      this.of(member) < limits.connectionsPerMember &&
      this.of(`${member} ${caller}`) < limits.connectionsPerCaller
    );
  }

  add(member: string, caller: string): void {
    this.#change(member, 1);
    this.#change(`${member} ${caller}`, 1);
  }

  remove(member: string, caller: string): void {
    this.#change(member, -1);
    this.#change(`${member} ${caller}`, -1);
  }

  #change(key: string, by: number): void {
    const count = this.of(key) + by;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }
}
