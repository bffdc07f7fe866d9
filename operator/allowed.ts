// What a pool's author may ask for. Whoever may write a SandboxPool must not gain the operator's
// rights by it: what the chart's values do not list is refused. Pure.

import type { OperatorConfiguration } from '../contract/operator.ts';
import type { Toleration } from '../contract/pool/scheduling.ts';
import type { SandboxPoolSpec } from '../contract/pool/spec.ts';

const sameToleration = (a: Toleration, b: Toleration): boolean =>
  a.key === b.key && a.operator === b.operator && a.value === b.value && a.effect === b.effect;

/** A prefix ends where a part of a reference does: `ghcr.io/a` is none of `ghcr.io/ab/x`. */
const hasPrefix = (image: string, prefix: string): boolean =>
  image === prefix ||
  (image.startsWith(prefix) &&
    (/[/:@]$/.test(prefix) || /^[/:@]/.test(image.slice(prefix.length))));

/** What is not allowed, in words for the pool's author; empty when everything is. */
export const refusedBy = (
  configuration: OperatorConfiguration,
  spec: SandboxPoolSpec,
): readonly string[] => {
  const { image, runtimeClassName: runtimeClass, scheduling = {} } = spec;
  const { allowedImagePrefixes, allowedRuntimeClasses, allowedPriorityClasses } = configuration;
  const list = (words: readonly string[]): string => (words.length > 0 ? words.join(', ') : 'none');
  const refused: string[] = [];
  if (image !== undefined && !allowedImagePrefixes.some((prefix) => hasPrefix(image, prefix))) {
    refused.push(`image: expected one below ${list(allowedImagePrefixes)}, got ${image}`);
  }
  if (runtimeClass !== undefined && !allowedRuntimeClasses.includes(runtimeClass)) {
    const expected = list(allowedRuntimeClasses);
    refused.push(`runtimeClassName: expected one of ${expected}, got ${runtimeClass}`);
  }
  const { allowedAnnotationPrefixes: keys } = configuration;
  for (const key of Object.keys(spec.podAnnotations ?? {})) {
    if (keys.some((prefix) => key.startsWith(prefix))) continue;
    refused.push(`podAnnotations: expected keys that begin with ${list(keys)}, got ${key}`);
  }
  const { priorityClassName: priority, tolerations = [] } = scheduling;
  if (priority !== undefined && !allowedPriorityClasses.includes(priority)) {
    const expected = list(allowedPriorityClasses);
    refused.push(`scheduling.priorityClassName: expected one of ${expected}, got ${priority}`);
  }
  tolerations.forEach((toleration, index) => {
    if (configuration.allowedTolerations.some((each) => sameToleration(each, toleration))) return;
    const came = JSON.stringify(toleration);
    refused.push(`scheduling.tolerations[${index}]: expected an allowed one, got ${came}`);
  });
  return refused;
};
