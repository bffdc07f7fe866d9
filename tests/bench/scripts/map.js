// Sets entries of a Map.
(() => {
  const m = new Map();
  for (let i = 0; i < 1e4; i++) m.set('k' + (i % 500), { i });
  return m.size;
})();
