// Bulk operations on a typed array.
(() => {
  const a = new Float64Array(1e5);
  for (let k = 0; k < 5; k++) a.fill(k).reverse();
  return a[0];
})();
