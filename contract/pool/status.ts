// The status of a SandboxPool: what was observed, never what was wished for.

import * as t from 'io-ts';
import { annotate } from '../annotate.ts';
import { integer } from '../bounded.ts';
import { sandboxPoolLimits as bounds } from '../limits.ts';
import { list, oneOf, optional, text } from './field.ts';
import { Resources } from './spec.ts';

export const ConditionType = oneOf('Ready', 'Progressing', 'Degraded');
export type ConditionType = t.TypeOf<typeof ConditionType>;

/** Why a condition is what it is, each with its cause in docs/sandboxpool.md. */
export const reasons = [
  'Available',
  'Deploying',
  'RolledOut',
  'AsExpected',
  'ScaledToZero',
  'NotEnoughReady',
  'NotAllowed',
  'NotOwned',
  'InvalidSpec',
  'RuntimeClassMissing',
  'RuntimeHandlerFailed',
  'ImagePullFailed',
  'QuotaExceeded',
  'PodSecurityViolated',
  'CreateFailed',
  'Crashing',
  'Unschedulable',
  'RolloutStalled',
  'NotIsolated',
  'ReconcileFailed',
] as const;
export type Reason = (typeof reasons)[number];

const count = integer(0, Number.MAX_SAFE_INTEGER);
const describe = <C extends t.Mixed>(codec: C, description: string): C =>
  annotate(codec, { description });
const words = (maxLength: number) => text('a text', { maxLength });

/** As metav1.Condition. */
export const Condition = t.exact(
  t.intersection([
    t.type({
      type: ConditionType,
      status: oneOf('True', 'False', 'Unknown'),
      reason: oneOf(...reasons),
      message: words(bounds.conditionMessageCharsMax),
      lastTransitionTime: annotate(words(bounds.referenceCharsMax), { format: 'date-time' }),
    }),
    t.partial({ observedGeneration: count }),
  ]),
);
export type Condition = t.TypeOf<typeof Condition>;

export const SandboxPoolStatus = optional({
  observedGeneration: describe(count, 'The generation of the spec that this status speaks of.'),
  replicas: describe(count, 'Runtime pods that there are.'),
  ready: describe(count, 'Runtime pods that are ready.'),
  updated: describe(count, 'Runtime pods of the present spec.'),
  selector: describe(words(bounds.imageCharsMax), 'Label selector of the runtime pods.'),
  url: describe(words(bounds.imageCharsMax), 'Where callers inside the cluster POST /execute.'),
  audience: describe(words(bounds.imageCharsMax), "Audience that a caller's token is made for."),
  image: describe(words(bounds.imageCharsMax), 'Image of the runtime pods.'),
  resources: describe(Resources, 'Requests and limits of the runtime pods.'),
  conditions: describe(list(Condition, bounds.itemsMax, ['type']), 'Ready, Progressing, Degraded.'),
});
export type SandboxPoolStatus = t.TypeOf<typeof SandboxPoolStatus>;
