// The scripts of the sandbox benchmark, the same for all. Pure: the same on every machine.

/** A generator of numbers in [0, 1), as good as a benchmark needs (mulberry32). */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const words = 'amber birch cedar delta ember fjord grove heath inlet jetty karst ledge'.split(' ');

const ruleOf = (index: number, random: () => number): string => {
  const word = words[index % words.length] ?? '';
  const limit = Math.floor(random() * 90) + 10;
  return `
/** ${word} orders over ${limit} pieces get a part of their price back. */
function ${word}Rule${index}(order, customer) {
  if (order.quantity <= ${limit}) return { discount: 0, reason: null };
  const base = Math.min(order.quantity - ${limit}, 100) / 100;
  let discount = base * ${random().toFixed(3)};
  for (const tag of customer.tags) {
    if (tag === '${word}') discount += 0.01;
    else if (tag.startsWith('no-')) discount *= 0.5;
  }
  discount = Math.max(0, Math.min(discount, 0.4));
  return { discount, reason: \`${word} \${order.sku}\` };
}
rules.push(${word}Rule${index});
`;
};

const productOf = (index: number, random: () => number): string => {
  const name = `${words[Math.floor(random() * words.length)] ?? ''} ${index}`;
  const [price, stock] = [(random() * 500).toFixed(2), Math.floor(random() * 1000)];
  return `  { sku: 'sku-${index}', name: '${name}', price: ${price}, stock: ${stock} },\n`;
};

/**
 * An init_script of 50 kB as a shop's plugin has one: rules as functions, a table of products and
 * an index made of it. @param serial makes the text, and so its digest, another one
 */
export const bigInitScript = (serial: number): string => {
  const random = randomFrom(7);
  let text = `'use strict';\nvar serial = ${serial};\nvar rules = [];\n`;
  for (let i = 0; i < 38; i++) text += ruleOf(i, random);
  text += 'var products = [\n';
  for (let i = 0; text.length < 49_350; i++) text += productOf(i, random);
  return `${text}];
var bySku = new Map(products.map((product) => [product.sku, product]));
var byName = Object.groupBy(products, ({ name }) => name.split(' ')[0]);
function quote(sku, quantity, tags) {
  const order = { sku, quantity };
  const found = rules.map((rule) => rule(order, { tags })).filter(({ discount }) => discount > 0);
  const { price } = bySku.get(sku);
  const part = Math.max(0, ...found.map(({ discount }) => discount));
  return Math.round(price * quantity * (1 - part) * 100) / 100;
}
`;
};

/** Uses what the init script has left, and does little else. */
export const bigInitCall =
  `products.length > 100 && ` + `quote('sku-7', 1, []) === bySku.get('sku-7').price`;

/** What the sandboxes of the density and dormant sections are made of, in equal shares. */
export interface Inhabitant {
  readonly name: string;
  readonly script: string;
  readonly value: unknown;
  /** True in a sandbox that still has its state; none where the script leaves nothing behind. */
  readonly probe?: string;
}

export const inhabitants: readonly Inhabitant[] = [
  { name: '1+1', script: '1+1', value: 2 },
  {
    name: 'var x=1',
    script: 'var x=1; x',
    value: 1,
    probe: 'typeof x !== "undefined" && x === 1',
  },
  {
    name: 'fib',
    script: 'function fib(n) { return n <= 1 ? 1 : fib(n-1) + fib(n-2); }; fib(13)',
    value: 377,
    probe: 'typeof fib === "function" && fib(5) === 8',
  },
  {
    name: '100 objects',
    script: 'var o={}; for(let i=0;i<100;i++) o["k"+i]={i}; 1',
    value: 1,
    probe: 'typeof o !== "undefined" && o.k99.i === 99',
  },
  {
    name: 'Map of 1,000',
    script:
      'class A{constructor(){this.m=new Map()} add(k,v){this.m.set(k,v)}}; var a=new A(); ' +
      'for(let i=0;i<1000;i++) a.add("k"+i,i); a.m.size',
    value: 1000,
    probe: 'typeof a !== "undefined" && a.m.get("k999") === 999',
  },
];

export const inhabitantOf = (index: number): Inhabitant =>
  inhabitants[index % inhabitants.length] ?? { name: '1+1', script: '1+1', value: 2 };

/** Counts the visits in the sandbox itself: changes its state, and tells whether it was kept. */
export const visitScript = 'var visits = (typeof visits === "undefined" ? 0 : visits) + 1; visits';
