// A factorial in BigInt, written in decimal.
(() => {
  let b = 1n;
  for (let i = 1n; i < 300n; i++) b *= i;
  return String(b).length;
})();
