// An interpreter in the interpreter: scanner, parser by precedence, and a tree-walking evaluator
// with closures for a small language. Strings, maps, recursion, polymorphic nodes.
(() => {
  'use strict';

  const program = `
    let fib = fn(n) if n < 2 then n else fib(n - 1) + fib(n - 2);
    let compose = fn(f, g) fn(x) f(g(x));
    let inc = fn(x) x + 1;
    let twice = fn(f) compose(f, f);
    let loop = fn(i, sum) if i == 0 then sum else loop(i - 1, sum + i * i % 7);
    let gcd = fn(a, b) if b == 0 then a else gcd(b, a % b);
    let count = fn(n, k) if n == 0 then 0 else gcd(n, k) + count(n - 1, k);
    fib(16) * 1000 + twice(twice(inc))(5) + loop(300, 0) + count(80, 36)
  `;

  function scan(source) {
    const tokens = [];
    let at = 0;
    while (at < source.length) {
      const c = source[at];
      let end = at + 1;
      if (c === ' ' || c === '\n') {
        at++;
        continue;
      }
      if (c >= '0' && c <= '9') {
        while (source[end] >= '0' && source[end] <= '9') end++;
        tokens.push({ type: 'number', value: Number(source.slice(at, end)) });
      } else if (c >= 'a' && c <= 'z') {
        while (source[end] >= 'a' && source[end] <= 'z') end++;
        tokens.push({ type: 'word', value: source.slice(at, end) });
      } else {
        if (c === '=' && source[end] === '=') end++;
        tokens.push({ type: 'sign', value: source.slice(at, end) });
      }
      at = end;
    }
    tokens.push({ type: 'end', value: '' });
    return tokens;
  }

  const PRECEDENCE = { '==': 1, '<': 2, '+': 3, '-': 3, '*': 4, '/': 4, '%': 4 };

  class Parser {
    constructor(tokens) {
      this.tokens = tokens;
      this.at = 0;
    }

    accept(value) {
      if (this.tokens[this.at].value !== value) return false;
      this.at++;
      return true;
    }

    expect(value) {
      if (!this.accept(value)) throw new SyntaxError(`expected ${value}`);
    }

    word() {
      return this.tokens[this.at++].value;
    }

    program() {
      if (!this.accept('let')) return this.expression(0);
      const name = this.word();
      this.expect('=');
      const value = this.expression(0);
      this.expect(';');
      return { type: 'let', name, value, body: this.program() };
    }

    expression(least) {
      let left = this.postfix();
      for (;;) {
        const sign = this.tokens[this.at].value;
        const precedence = PRECEDENCE[sign] ?? 0;
        if (precedence <= least) return left;
        this.at++;
        left = { type: 'binary', sign, left, right: this.expression(precedence) };
      }
    }

    postfix() {
      let node = this.primary();
      while (this.accept('(')) {
        const args = this.list(() => this.expression(0));
        node = { type: 'call', callee: node, args };
      }
      return node;
    }

    list(item) {
      const items = [];
      if (this.accept(')')) return items;
      do items.push(item());
      while (this.accept(','));
      this.expect(')');
      return items;
    }

    primary() {
      if (this.accept('fn')) {
        this.expect('(');
        const parameters = this.list(() => this.word());
        return { type: 'fn', parameters, body: this.expression(0) };
      }
      if (this.accept('if')) {
        const test = this.expression(0);
        this.expect('then');
        const yes = this.expression(0);
        this.expect('else');
        return { type: 'if', test, yes, no: this.expression(0) };
      }
      const { type, value } = this.tokens[this.at++];
      if (type === 'number') return { type: 'number', value };
      if (type === 'word') return { type: 'name', name: value };
      throw new SyntaxError(`unexpected ${value}`);
    }
  }

  const BINARY = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
    '%': (a, b) => a % b,
    '<': (a, b) => a < b,
    '==': (a, b) => a === b,
  };
  let steps = 0;

  function evaluate(node, scope) {
    steps++;
    switch (node.type) {
      case 'number':
        return node.value;
      case 'name': {
        for (let s = scope; s !== null; s = s.outer) {
          if (s.values.has(node.name)) return s.values.get(node.name);
        }
        throw new ReferenceError(node.name);
      }
      case 'binary':
        return BINARY[node.sign](evaluate(node.left, scope), evaluate(node.right, scope));
      case 'if':
        return evaluate(evaluate(node.test, scope) ? node.yes : node.no, scope);
      case 'fn':
        return { node, scope };
      case 'call': {
        const { node: callee, scope: outer } = evaluate(node.callee, scope);
        const values = new Map();
        callee.parameters.forEach((name, i) => values.set(name, evaluate(node.args[i], scope)));
        return evaluate(callee.body, { values, outer });
      }
      case 'let': {
        const inner = { values: new Map(), outer: scope };
        inner.values.set(node.name, evaluate(node.value, inner));
        return evaluate(node.body, inner);
      }
      default:
        throw new TypeError(node.type);
    }
  }

  const result = evaluate(new Parser(scan(program)).program(), null);
  const checksum = `${result} ${steps}`;
  if (checksum !== '987969 41159') throw new Error(`small-interpreter: wrong checksum ${checksum}`);
  return checksum;
})();
