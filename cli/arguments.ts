// Parsers of option arguments: text of a command line or of the environment -> a value within its
// bounds, or words that say what was expected.

import { InvalidArgumentError } from 'commander';
import { requestLimits } from '../contract/limits.ts';

const refuse = (expected: string): never => {
  throw new InvalidArgumentError(`Expected ${expected}.`);
};

/** An integer in decimal digits, which may be grouped as 1_000_000. */
export const integer =
  (minimum: number, maximum: number) =>
  (text: string): number => {
    const value = /^\d+(?:_\d+)*$/.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN;
    const fits = value >= minimum && value <= maximum;
    return fits ? value : refuse(`an integer from ${minimum} to ${maximum}`);
  };

const scales: Readonly<Record<string, number>> = { '': 1, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };

/** Bytes, with a suffix of Kubernetes or without. */
export const bytes =
  (minimum: number, maximum: number) =>
  (text: string): number => {
    const match = /^(\d+)(Ki|Mi|Gi|)$/.exec(text);
    const value = Number(match?.[1]) * (scales[match?.[2] ?? ''] ?? 1);
    if (value >= minimum && value <= maximum) return value;
    return refuse(`bytes from ${minimum} to ${maximum}, as 67108864 or 64Mi`);
  };

/** Bytes of a sandbox's memory. */
export const memoryBytes = bytes(requestLimits.memoryBytesMin, requestLimits.memoryBytesCeiling);

/** Milliseconds since the epoch that a Date can hold. */
export const instant = (text: string): number => {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const max = requestLimits.nowMsMax;
  return Math.abs(value) <= max ? value : refuse(`milliseconds from ${-max} to ${max}`);
};
