// Symbolic algebra on lists: differentiates terms, rewrites them by rules until none applies, and
// checks the derivative against a difference quotient. Recursion, pattern matching, much garbage.
(() => {
  'use strict';

  const isList = Array.isArray;

  function differentiate(term) {
    if (typeof term === 'number') return 0;
    if (term === 'x') return 1;
    const [sign, a, b] = term;
    const da = differentiate(a);
    if (sign === 'sin') return ['*', ['cos', a], da];
    if (sign === 'cos') return ['*', ['*', -1, ['sin', a]], da];
    const db = differentiate(b);
    if (sign === '+') return ['+', da, db];
    if (sign === '*') return ['+', ['*', da, b], ['*', a, db]];
    return ['*', ['*', b, ['^', a, b - 1]], da];
  }

  // Names that begin with a question mark stand for any term.
  const rules = [
    [['+', 0, '?a'], '?a'],
    [['+', '?a', 0], '?a'],
    [['*', 0, '?a'], 0],
    [['*', '?a', 0], 0],
    [['*', 1, '?a'], '?a'],
    [['*', '?a', 1], '?a'],
    [['^', '?a', 1], '?a'],
    [['^', '?a', 0], 1],
    [
      ['+', '?a', '?a'],
      ['*', 2, '?a'],
    ],
    [
      ['*', '?a', ['*', '?b', '?c']],
      ['*', ['*', '?a', '?b'], '?c'],
    ],
    [
      ['+', ['*', '?a', '?b'], ['*', '?c', '?b']],
      ['*', ['+', '?a', '?c'], '?b'],
    ],
  ];

  function equal(a, b) {
    if (!isList(a) || !isList(b)) return a === b;
    return a.length === b.length && a.every((part, i) => equal(part, b[i]));
  }

  function match(pattern, term, bound) {
    if (typeof pattern === 'string' && pattern[0] === '?') {
      if (bound.has(pattern)) return equal(bound.get(pattern), term);
      bound.set(pattern, term);
      return true;
    }
    if (!isList(pattern)) return pattern === term;
    if (!isList(term) || term.length !== pattern.length) return false;
    return pattern.every((part, i) => match(part, term[i], bound));
  }

  const substitute = (template, bound) =>
    isList(template)
      ? template.map((part) => substitute(part, bound))
      : (bound.get(template) ?? template);

  let rewrites = 0;
  function simplify(term) {
    if (!isList(term)) return term;
    const [sign, ...parts] = term;
    const simple = [sign, ...parts.map(simplify)];
    const [, a, b] = simple;
    if (typeof a === 'number' && typeof b === 'number') return evaluate(simple, 0);
    for (const [pattern, template] of rules) {
      const bound = new Map();
      if (!match(pattern, simple, bound)) continue;
      rewrites++;
      return simplify(substitute(template, bound));
    }
    return simple;
  }

  function evaluate(term, x) {
    if (typeof term === 'number') return term;
    if (term === 'x') return x;
    const [sign, a, b] = term;
    const left = evaluate(a, x);
    if (sign === 'sin') return Math.sin(left);
    if (sign === 'cos') return Math.cos(left);
    const right = evaluate(b, x);
    if (sign === '+') return left + right;
    return sign === '*' ? left * right : left ** right;
  }

  const size = (term) => (isList(term) ? term.reduce((sum, part) => sum + size(part), 0) : 1);
  let nodes = 0;
  for (let round = 1; round <= 5; round++) {
    let term = ['+', ['*', round, ['^', 'x', 3]], ['*', ['sin', ['*', 2, 'x']], ['cos', 'x']]];
    for (let order = 0; order < 3; order++) {
      const derivative = simplify(differentiate(term));
      const slope = (evaluate(term, 0.7 + 1e-6) - evaluate(term, 0.7 - 1e-6)) / 2e-6;
      const value = evaluate(derivative, 0.7);
      if (Math.abs(slope - value) > 1e-4 * Math.max(1, Math.abs(value))) {
        throw new Error(`term-rewriting: derivative ${order + 1} is ${value}, not ${slope}`);
      }
      nodes += size(derivative);
      term = derivative;
    }
  }
  const checksum = `${nodes} ${rewrites}`;
  if (checksum !== '945 245') throw new Error(`term-rewriting: wrong checksum ${checksum}`);
  return checksum;
})();
