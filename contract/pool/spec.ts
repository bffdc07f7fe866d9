// The spec of a SandboxPool. This codec is the only source: the operator validates with it, and the
// CRD's schema, the reference page and the chart's copy are generated from it.

import * as t from 'io-ts';
import { annotate } from '../annotate.ts';
import { integer } from '../bounded.ts';
import { poolLimits, requestLimits, sandboxPoolLimits as bounds } from '../limits.ts';
import { boolean, integerOr, list, oneOf, optional, ruled, text } from './field.ts';
import { amountOf, bytesPattern, durationPattern, quantityPattern } from './quantity.ts';
import { keyed, labels, Scheduling } from './scheduling.ts';

const describe = <C extends t.Mixed>(codec: C, description: string): C =>
  annotate(codec, { description });

const bytes = text('a quantity of bytes such as 64Mi', { pattern: bytesPattern, maxLength: 12 });
const duration = text('a duration such as 30s', { pattern: durationPattern, maxLength: 10 });
const quantity = integerOr('a quantity such as 500m or 2Gi', {
  pattern: quantityPattern,
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
});
const image = text('an image reference', {
  pattern: '^[a-zA-Z0-9][a-zA-Z0-9._:/@-]*$',
  maxLength: bounds.imageCharsMax,
});
const name = text('a name of an object', {
  pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$',
  maxLength: bounds.referenceCharsMax,
});

const amounts = optional({ cpu: quantity, memory: quantity, 'ephemeral-storage': quantity });
export const Resources = optional({
  requests: describe(amounts, 'What the scheduler sets aside.'),
  limits: describe(amounts, 'What the kernel holds the pod to.'),
});

const memoryRule = (field: string, minimum: string, maximum: string): string =>
  `!has(self.${field}) || (quantity(self.${field}).compareTo(quantity('${minimum}')) >= 0 && ` +
  `quantity(self.${field}).compareTo(quantity('${maximum}')) <= 0)`;

const within = (value: string | undefined, minimum: number, maximum: number): boolean =>
  value === undefined || (amountOf(value) >= minimum && amountOf(value) <= maximum);

const Limits = ruled(
  optional({
    fuel: describe(
      integer(1, requestLimits.fuelCeiling),
      'Units of fuel for each stage of a call, about 40,000,000 to a millisecond of CPU.',
    ),
    memory: describe(bytes, 'Memory of one sandbox, the interpreter included.'),
    source: describe(bytes, 'The longest init_script and script.'),
    output: describe(bytes, 'How much of stdout and of stderr is kept.'),
    time: describe(duration, 'Wall-clock time of a call, the watchdog behind fuel.'),
  }),
  {
    rule: [
      memoryRule('memory', '8Mi', '1Gi'),
      memoryRule('source', '1Ki', '1Mi'),
      memoryRule('output', '1Ki', '1Mi'),
    ]
      .map((each) => `(${each})`)
      .join(' && '),
    message: 'memory is from 8Mi to 1Gi; source and output are from 1Ki to 1Mi',
    holds: ({ memory, source, output }) =>
      within(memory, requestLimits.memoryBytesMin, requestLimits.memoryBytesCeiling) &&
      within(source, 2 ** 10, requestLimits.sourceBytesCeiling) &&
      within(output, 2 ** 10, 2 ** 20),
  },
);

const Sandboxes = optional({
  maxPerPod: describe(
    integer(1, bounds.sandboxesPerPodMax),
    'Sandboxes that one pod keeps; the least recently used one is forgotten first.',
  ),
  idleTimeout: describe(duration, 'A sandbox that was not called for so long is forgotten.'),
  memoryBudget: describe(bytes, 'Memory of a pod for the sandboxes that it keeps.'),
});

const share = integerOr('a number of pods or a percentage', {
  pattern: '^(100|[1-9]?[0-9])%$',
  minimum: 0,
  maximum: bounds.replicasMax,
});
const isZero = (value: string | number | undefined): boolean => value === 0 || value === '0%';
const zero = (field: string): string =>
  `(has(self.${field}) && (self.${field} == 0 || self.${field} == '0%'))`;

const Rollout = ruled(
  optional({
    maxSurge: describe(share, 'Pods beyond replicas while the pool changes; 1 when absent.'),
    maxUnavailable: describe(share, 'Pods short of replicas meanwhile; 0 when absent.'),
  }),
  {
    rule: `!(${zero('maxSurge')} && (!has(self.maxUnavailable) || ${zero('maxUnavailable')}))`,
    message: 'maxSurge and maxUnavailable are not both 0',
    holds: ({ maxSurge, maxUnavailable = 0 }) => !(isZero(maxSurge) && isZero(maxUnavailable)),
  },
);

const fields = optional({
  replicas: annotate(integer(0, bounds.replicasMax), {
    description: 'Runtime pods. Each holds thousands of sandboxes.',
    default: 1,
  }),
  image: describe(image, "Image of the runtime; the operator's own when absent."),
  imagePullPolicy: describe(
    oneOf('Always', 'IfNotPresent', 'Never'),
    'When the kubelet pulls the images.',
  ),
  imagePullSecrets: describe(
    list(t.exact(t.type({ name })), bounds.itemsMax, ['name']),
    'Secrets of the namespace that the kubelet pulls the images with.',
  ),
  runtimeClassName: describe(name, 'RuntimeClass of the runtime pods; gvisor when absent.'),
  resources: describe(Resources, 'Requests and limits of a runtime pod.'),
  limits: describe(Limits, 'What one call may use; a call may ask for less.'),
  sandboxes: describe(Sandboxes, 'How many sandboxes a pod keeps, and how long.'),
  router: describe(
    optional({
      replicas: annotate(integer(1, bounds.routerReplicasMax), {
        description: 'Router pods; 2 when absent.',
      }),
      resources: describe(Resources, 'Requests and limits of a router pod.'),
    }),
    'The pods that send each sandbox_id to the runtime pod that holds it.',
  ),
  access: describe(
    optional({
      anonymous: describe(
        boolean,
        'Whether callers without a token are served, all in one space of sandbox ids.',
      ),
    }),
    'Who may call.',
  ),
  scheduling: describe(Scheduling, 'Where the runtime pods may run.'),
  podLabels: describe(labels, 'Labels added to the runtime pods; those of Paddock win.'),
  podAnnotations: describe(
    keyed(text('an annotation', { maxLength: bounds.annotationValueCharsMax })),
    'Annotations added to the runtime pods.',
  ),
  rollout: describe(Rollout, 'How fast the pods are replaced when the pool changes.'),
});

/** Worker threads of a pod: one for each CPU that its limit begins. */
export const workersOf = (cpu: string | number | undefined): number =>
  cpu === undefined ? 1 : Math.max(1, Math.ceil(amountOf(cpu)));

/** Defaults that the memory rule counts with; the operator resolves the rest. */
export const memoryDefaults = { limit: '64Mi', budget: '256Mi' } as const;

/** Memory that a pod's limit must leave room for, in bytes; see docs/limits.md. */
export const neededBytes = (spec: t.TypeOf<typeof fields>): number =>
  (workersOf(spec.resources?.limits?.cpu) + poolLimits.spareWorkers) *
    amountOf(spec.limits?.memory ?? memoryDefaults.limit) +
  amountOf(spec.sandboxes?.memoryBudget ?? memoryDefaults.budget) +
  bounds.overheadBytes;

const hasPath = (path: string): string =>
  path
    .split('.')
    .map((_, index, all) => `has(self.${all.slice(0, index + 1).join('.')})`)
    .join(' && ');

const amount = (path: string): string =>
  `(type(self.${path}) == string ? quantity(self.${path}).asApproximateFloat() : ` +
  `double(self.${path}))`;

const bytesOr = (path: string, fallback: string): string =>
  `(${hasPath(path)} ? quantity(self.${path}).asApproximateFloat() : ` +
  `quantity('${fallback}').asApproximateFloat())`;

const cpu = amount('resources.limits.cpu');
/** CEL has no ceil: the whole part, and one more when something is left. */
const workers =
  `(${hasPath('resources.limits.cpu')} && ${cpu} > 1.0 ? double(int(${cpu})) + ` +
  `(double(int(${cpu})) < ${cpu} ? 1.0 : 0.0) : 1.0)`;

export const SandboxPoolSpec = ruled(fields, {
  rule:
    `!(${hasPath('resources.limits.memory')}) || ` +
    `(${workers} + ${poolLimits.spareWorkers}.0) * ` +
    `${bytesOr('limits.memory', memoryDefaults.limit)} + ` +
    `${bytesOr('sandboxes.memoryBudget', memoryDefaults.budget)} + ` +
    `${bounds.overheadBytes}.0 <= ${amount('resources.limits.memory')}`,
  message:
    'resources.limits.memory holds a sandbox for each worker (one for each CPU, and a spare ' +
    'one), sandboxes.memoryBudget and 256Mi of overhead',
  holds: (spec) => {
    const limit = spec.resources?.limits?.memory;
    return limit === undefined || neededBytes(spec) <= amountOf(limit);
  },
});
export type SandboxPoolSpec = t.TypeOf<typeof SandboxPoolSpec>;
