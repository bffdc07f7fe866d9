// Splits, maps and joins strings.
(() => {
  let t = 0;
  for (let i = 0; i < 300; i++) {
    t += 'a,b,c,d,e,f,g,h'
      .repeat(10)
      .split(',')
      .map((x) => x.toUpperCase())
      .join('-').length;
  }
  return t;
})();
