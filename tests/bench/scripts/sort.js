// Sorts numbers with a comparator.
(() => {
  const a = [];
  for (let i = 0; i < 8e3; i++) a.push((i * 7919) % 10007);
  return a.sort((x, y) => x - y).length;
})();
