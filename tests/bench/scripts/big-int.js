// Factorials in BigInt, written in decimal.
(() => {
  let digits = 0;
  for (let round = 0; round < 80; round++) {
    let b = 1n;
    for (let i = 1n; i < 300n; i++) b *= i;
    digits += String(b).length;
  }
  return digits;
})();
