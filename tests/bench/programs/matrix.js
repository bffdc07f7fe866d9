// Linear algebra: products and an LU decomposition with pivots on arrays of arrays, checked by
// solving a system whose solution is known.
(() => {
  'use strict';

  const size = 36;
  const make = (f) =>
    Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => f(i, j)));

  function multiply(a, b) {
    const product = make(() => 0);
    for (let i = 0; i < size; i++) {
      const row = a[i];
      const out = product[i];
      for (let k = 0; k < size; k++) {
        const factor = row[k];
        const other = b[k];
        for (let j = 0; j < size; j++) out[j] += factor * other[j];
      }
    }
    return product;
  }

  /** Decomposes in place; returns the order of the rows. */
  function decompose(a) {
    const order = a.map((_, i) => i);
    for (let k = 0; k < size; k++) {
      let pivot = k;
      for (let i = k + 1; i < size; i++) if (Math.abs(a[i][k]) > Math.abs(a[pivot][k])) pivot = i;
      [a[k], a[pivot]] = [a[pivot], a[k]];
      [order[k], order[pivot]] = [order[pivot], order[k]];
      for (let i = k + 1; i < size; i++) {
        const factor = (a[i][k] /= a[k][k]);
        for (let j = k + 1; j < size; j++) a[i][j] -= factor * a[k][j];
      }
    }
    return order;
  }

  function solve(lu, order, right) {
    const x = order.map((row) => right[row]);
    for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) x[i] -= lu[i][j] * x[j];
    for (let i = size - 1; i >= 0; i--) {
      for (let j = i + 1; j < size; j++) x[i] -= lu[i][j] * x[j];
      x[i] /= lu[i][i];
    }
    return x;
  }

  const a = make((i, j) => ((i * 7 + j * 13 + i * j) % 23) - 11 + (i === j ? 40 : 0));
  const square = multiply(a, a);
  const known = Array.from({ length: size }, (_, i) => (i % 9) - 4);
  const right = square.map((row) => row.reduce((sum, value, j) => sum + value * known[j], 0));
  const lu = square.map((row) => row.slice());
  const found = solve(lu, decompose(lu), right);
  const worst = Math.max(...found.map((value, i) => Math.abs(value - known[i])));
  if (!(worst < 1e-6)) throw new Error(`matrix: the solution is off by ${worst}`);
  const cube = multiply(square, a);
  let trace = 0;
  for (let i = 0; i < size; i++) trace += cube[i][i];
  if (trace !== 2182845) throw new Error(`matrix: wrong trace ${trace}`);
  return trace;
})();
