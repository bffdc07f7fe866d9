// Writes and reads JSON.
(() => {
  const o = [];
  for (let i = 0; i < 2e3; i++) o.push({ i, a: 'x' + i });
  return JSON.parse(JSON.stringify(o)).length;
})();
