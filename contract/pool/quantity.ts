// Kubernetes quantities and durations as a SandboxPool spells them, and what they amount to. Pure.
// The forms are narrower than Kubernetes' own (no signs, exponents or binary exabytes): a spelling
// that means one thing to us and another to the kubelet would be a hole in a limit.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/

/** Bytes: `32Mi`. */
export const bytesPattern = '^[1-9][0-9]{0,8}(Ki|Mi|Gi)$';

/** Any resource: `500m`, `2`, `1.5Gi`. */
export const quantityPattern = '^[0-9]{1,9}([.][0-9]{1,3})?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$';

/** A span of time in one unit: `500ms`, `30s`, `5m`, `2h`. */
export const durationPattern = '^[1-9][0-9]{0,6}(ms|s|m|h)$';

const factors: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3 };

const split = (text: string): readonly [value: number, unit: string] => {
  const [, digits = '', unit = ''] = /^([0-9.]*)([A-Za-z]*)$/.exec(text) ?? [];
  return [digits === '' ? NaN : Number(digits), unit];
};

/** What a quantity amounts to: bytes, or cores. NaN for a text that is none. */
export const amountOf = (quantity: string | number): number => {
  if (typeof quantity === 'number') return quantity;
  const [value, unit] = split(quantity);
  return value * (factors[unit] ?? NaN);
};

/** Milliseconds of a duration. NaN for a text that is none. */
export const millisecondsOf = (duration: string): number => {
  const [value, unit] = split(duration);
  return value * (milliseconds[unit] ?? NaN);
};
