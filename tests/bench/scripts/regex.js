// Matches a short regular expression many times.
(() => {
  let c = 0;
  for (let i = 0; i < 1e3; i++) if (/(\d+)-(\w+)/.test('abc 123-foo' + i)) c++;
  return c;
})();
