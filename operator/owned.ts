// Whose an object is. What we did not make we neither change nor remove. Pure.

import type { KubernetesObject, OwnerReference } from '../kubernetes/resource.ts';

export const isOwnedBy = ({ metadata }: KubernetesObject, owner: OwnerReference): boolean =>
  metadata.ownerReferences?.some(
    ({ uid, controller }) => uid === owner.uid && controller === true,
  ) === true;

/** Somebody else has an object of a name that a child must have. */
export class NotOwned extends Error {
  readonly child: string;
  constructor(kind: string, name: string) {
    super(`${kind} ${name} is there already and does not belong to this pool`);
    this.name = 'NotOwned';
    this.child = `${kind} ${name}`;
  }
}
