// What plugins do with data: parse orders from JSON, group, join, sort and total them, and write a
// report as JSON.
(() => {
  'use strict';

  const cities = ['Oslo', 'Lima', 'Graz', 'Perth', 'Quito'];
  const twoDigits = (n) => String(n).padStart(2, '0');
  const orders = Array.from({ length: 700 }, (_, i) => ({
    id: `o-${i}`,
    customer: { id: (i * 37) % 101, name: `Customer ${(i * 37) % 101}`, tags: ['a', `t${i % 7}`] },
    placed: `2026-${twoDigits((i % 12) + 1)}-${twoDigits((i % 28) + 1)}`,
    lines: Array.from({ length: (i % 4) + 1 }, (_, j) => ({
      sku: `SKU-${(i * 7 + j * 13) % 50}`,
      quantity: ((i + j) % 5) + 1,
      price: ((i * 31 + j * 17) % 9000) / 100,
      note: j === 2 ? null : `line "${j}" of\n${i}`,
    })),
    city: cities[i % cities.length],
    paid: i % 3 !== 0,
  }));
  const text = JSON.stringify({ version: 1, orders });

  const { orders: read } = JSON.parse(text, (key, value) => (key === 'note' ? undefined : value));
  const totalOf = ({ lines }) =>
    lines.reduce((sum, l) => sum + Math.round(l.price * 100) * l.quantity, 0);
  const enriched = read
    .filter((order) => order.paid)
    .map(({ customer, ...order }) => ({
      ...order,
      customerId: customer.id,
      total: totalOf(order),
    }));

  const byCity = Object.groupBy(enriched, ({ city }) => city);
  const summary = Object.entries(byCity)
    .map(([city, list]) => ({
      city,
      orders: list.length,
      total: list.reduce((sum, { total }) => sum + total, 0),
      best: list.toSorted((a, b) => b.total - a.total || a.id.localeCompare(b.id))[0].id,
    }))
    .sort((a, b) => b.total - a.total);

  const bySku = new Map();
  for (const { lines, placed } of enriched) {
    for (const { sku, quantity } of lines) {
      const entry = bySku.get(sku) ?? { sku, quantity: 0, months: new Set() };
      entry.quantity += quantity;
      entry.months.add(placed.slice(0, 7));
      bySku.set(sku, entry);
    }
  }
  const skus = [...bySku.values()]
    .map(({ months, ...rest }) => ({ ...rest, months: [...months].sort() }))
    .sort((a, b) => a.sku.localeCompare(b.sku));

  const report = JSON.stringify({ summary, skus }, null, 2);
  const again = JSON.parse(report);
  const customers = new Set(enriched.map(({ customerId }) => customerId)).size;
  let hash = 0;
  for (let i = 0; i < report.length; i += 3) hash = (hash * 31 + report.charCodeAt(i)) % 16777213;
  const { best } = again.summary[0];
  const checksum = `${hash} ${text.length} ${best} ${again.skus.length} ${customers}`;
  if (checksum !== '12432003 212725 o-287 50 101')
    throw new Error(`json-transform: wrong checksum ${checksum}`);
  return checksum;
})();
