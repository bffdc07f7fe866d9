// Where the runtime pods of a SandboxPool may run: the fields of a PodSpec of the same names, with
// bounds. https://kubernetes.io/docs/concepts/scheduling-eviction/

import * as t from 'io-ts';
import { annotate } from '../annotate.ts';
import { integer } from '../bounded.ts';
import { sandboxPoolLimits as bounds } from '../limits.ts';
import { dictionary, list, oneOf, optional, ruled, text } from './field.ts';

const keyPattern =
  '^([a-z0-9][a-z0-9.-]{0,251}[a-z0-9]/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$';
const valuePattern = '^([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?$';

/** A label or annotation key, with or without the prefix of its owner. */
export const key = text('a label key', {
  pattern: keyPattern,
  maxLength: bounds.labelKeyCharsMax,
});

const value = text('a label value', {
  pattern: valuePattern,
  maxLength: bounds.labelValueCharsMax,
});

const keysMatch = (map: Readonly<Record<string, string>>): boolean => {
  const regex = new RegExp(keyPattern, 'u');
  return Object.keys(map).every((each) => regex.test(each));
};

/** A map whose keys are label keys. */
export const keyed = (values: t.Type<string>) =>
  ruled(dictionary(values, bounds.entriesMax), {
    rule: `self.all(key, key.matches('${keyPattern}'))`,
    message: 'keys are label keys such as example.com/name',
    holds: keysMatch,
  });

/** Labels with their values. */
export const labels = keyed(value);

export const Toleration = optional({
  key,
  operator: oneOf('Exists', 'Equal'),
  value,
  effect: oneOf('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
  tolerationSeconds: integer(0, Number.MAX_SAFE_INTEGER),
});
export type Toleration = t.TypeOf<typeof Toleration>;

const TopologySpreadConstraint = t.exact(
  t.type({
    maxSkew: integer(1, bounds.replicasMax),
    topologyKey: key,
    whenUnsatisfiable: oneOf('DoNotSchedule', 'ScheduleAnyway'),
  }),
);

const describe = <C extends t.Mixed>(codec: C, description: string): C =>
  annotate(codec, { description });

export const Scheduling = optional({
  nodeSelector: describe(labels, 'Labels that a node must have.'),
  tolerations: describe(list(Toleration, bounds.itemsMax), 'Taints that the pods tolerate.'),
  topologySpreadConstraints: describe(
    list(TopologySpreadConstraint, bounds.itemsMax, ['topologyKey', 'whenUnsatisfiable']),
    'How the pods spread; over hosts and zones, as far as possible, when absent.',
  ),
  priorityClassName: describe(
    text('a name of a PriorityClass', {
      pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$',
      maxLength: bounds.referenceCharsMax,
    }),
    'PriorityClass of the runtime pods.',
  ),
});
