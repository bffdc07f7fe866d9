// The status of a SandboxPool: what was observed, never what was wished for.

import * as t from 'io-ts';
import { annotate } from '../annotate.ts';
import { integer } from '../bounded.ts';
import { sandboxPoolLimits as bounds } from '../limits.ts';
import { list, oneOf, optional, text } from './field.ts';
import { Resources } from './spec.ts';

export const ConditionType = oneOf('Ready', 'Progressing', 'Degraded');
export type ConditionType = t.TypeOf<typeof ConditionType>;

/** Why a condition is what it is; docs/sandboxpool.md is generated from this. */
export const reasons = {
  Available: 'every pod is of the present spec and available: the URL answers',
  Deploying: 'pods are being made or replaced',
  RolledOut: 'all pods are of the present spec',
  AsExpected: 'nothing is wrong',
  ScaledToZero: 'replicas is 0',
  NotEnoughReady: 'pods are still missing, and nothing says why',
  NotAllowed: "the spec asks for what the chart's `allowed` does not list; nothing was changed",
  NotOwned: 'an object of a name that a child must have belongs to somebody else',
  InvalidSpec: 'the spec was stored under another version of the CRD and is not understood',
  RuntimeClassMissing: 'the cluster has no such RuntimeClass',
  RuntimeHandlerFailed: 'the node does not know the handler of the RuntimeClass',
  ImagePullFailed: 'an image cannot be had; the pods that were there go on serving',
  QuotaExceeded: "the namespace's ResourceQuota has no room",
  PodSecurityViolated: "the namespace's Pod Security refuses the pods",
  CreateFailed: 'the API server refuses the pods for another reason, which the message tells',
  Crashing: 'a container ends again and again; the message is its last words',
  Unschedulable: 'no node has room, or fits the scheduling rules',
  RolloutStalled: 'a rollout has made no progress for two minutes',
  NotIsolated: 'the runtime found itself outside of gVisor and does not serve',
  ReconcileFailed: 'the API server refuses what the operator writes, for longer than a moment',
} as const;
export type Reason = keyof typeof reasons;

const reasonNames = Object.keys(reasons) as Reason[];

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
      reason: oneOf(...reasonNames),
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
