// Heat flows over a plate: a stencil over typed arrays, by relaxation until it is quiet. The result
// must be symmetric, as the plate is.
(() => {
  'use strict';

  const size = 28;
  const index = (x, y) => x + y * size;
  let now = new Float64Array(size * size);
  let next = new Float64Array(size * size);
  const flow = new Float32Array(size * size);

  function hold(field) {
    for (let i = 0; i < size; i++) {
      field[index(i, 0)] = 100;
      field[index(0, i)] = field[index(size - 1, i)] = 25;
      field[index(i, size - 1)] = 0;
    }
  }

  function relax(from, to) {
    let change = 0;
    for (let y = 1; y < size - 1; y++) {
      for (let x = 1; x < size - 1; x++) {
        const at = index(x, y);
        const value = 0.25 * (from[at - 1] + from[at + 1] + from[at - size] + from[at + size]);
        change += Math.abs(value - from[at]);
        to[at] = value;
      }
    }
    return change;
  }

  hold(now);
  hold(next);
  let steps = 0;
  let change = Infinity;
  while (change > 40 && steps < 1000) {
    change = relax(now, next);
    [now, next] = [next, now];
    steps++;
  }
  for (let at = size; at < flow.length - size; at++) flow[at] = now[at + size] - now[at - size];
  for (let y = 1; y < size - 1; y++) {
    const difference = now[index(3, y)] - now[index(size - 4, y)];
    if (Math.abs(difference) > 1e-9) throw new Error('heat-flow: the plate is not symmetric');
  }
  const sum = now.reduce((total, value) => total + value, 0);
  const steepest = flow.reduce((least, value) => Math.min(least, value), 0);
  const checksum = `${steps} ${sum.toFixed(6)} ${steepest.toFixed(3)}`;
  if (checksum !== '166 23588.730610 -75.000')
    throw new Error(`heat-flow: wrong checksum ${checksum}`);
  return checksum;
})();
