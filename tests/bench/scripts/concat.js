// Builds a string character by character.
(() => {
  let s = '';
  for (let i = 0; i < 2e4; i++) s += 'x';
  return s.length;
})();
