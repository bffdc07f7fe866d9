// A counting loop over integers.
(() => {
  let s = 0;
  for (let i = 0; i < 2e5; i++) s += i & 7;
  return s;
})();
