// Compiles small functions from source.
(() => {
  const source =
    'let b = a + 1; for (let i = 0; i < 3; i++) { b += i * a } ' +
    'return { b, c: [1, 2, 3], d: `x${b}` }';
  let t = 0;
  for (let i = 0; i < 100; i++) t += new Function('a', source)(i).b;
  return t;
})();
