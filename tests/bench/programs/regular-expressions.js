// What web pages do with regular expressions: tokens, templates, dates, addresses, escaping, on
// texts made up here.
(() => {
  'use strict';

  const words = 'plugin sandbox fuel memory worker limit request answer router'.split(' ');
  const levels = ['INFO', 'WARN', 'ERROR'];
  const lines = Array.from({ length: 160 }, (_, i) => {
    const word = words[i % words.length];
    const other = words[(i * 5 + 3) % words.length];
    const day = String((i % 28) + 1).padStart(2, '0');
    return (
      `2026-${String((i % 12) + 1).padStart(2, '0')}-${day}T1${i % 10}:3${i % 6}:0${i % 10}Z ` +
      `[${levels[i % 3]}] ${word}.${other}: user${i}@mail-${i % 7}.example.org ` +
      `took ${(i * 13) % 997}ms, "quoted \\"${word}\\" text", 10.${i % 256}.0.${(i * 7) % 256} ` +
      `<a href='/p/${word}?id=${i}&x=%20'>${other}</a> $\{${word}} #${i.toString(16)}`
    );
  });
  let checksum = 0;
  const add = (value) => {
    checksum = (checksum * 31 + value) % 16777213;
  };

  const record =
    /^(?<date>\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)Z \[(?<level>[A-Z]+)\] (\w+)\.(\w+):/;
  const address = /\b[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+\b/i;
  const quoted = /"(?:[^"\\]|\\.)*"/g;
  const ip = /\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b/;
  const tag = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+='[^']*')*)\s*>/g;
  const twice = /\b(\w+)\b(?=.*\b\1\b)/;
  const slow = /(?<=took )\d+(?=ms)/;
  const token = /\s+|[A-Za-z_]\w*|\d+(?:\.\d+)?|"(?:[^"\\]|\\.)*"|[^\s\w]/gy;

  for (const line of lines) {
    const match = record.exec(line);
    add(match.groups.date.length + match.groups.level.charCodeAt(0) + Number(match[2]));
    add(address.exec(line)[0].length);
    for (const text of line.match(quoted)) add(text.length);
    add(ip.exec(line)?.index ?? 0);
    for (const found of line.matchAll(tag)) add(found[2].length + found[3].length);
    add(twice.exec(line)?.[1].length ?? 1);
    add(Number(slow.exec(line)[0]));
    token.lastIndex = 0;
    let tokens = 0;
    while (token.test(line)) tokens++;
    add(tokens);
    add(line.replace(/\$\{(\w+)\}/g, (_, name) => name.toUpperCase()).length);
    add(line.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`).length);
    add(line.split(/[\s,;:]+/).length);
    add(line.search(/#[0-9a-f]+$/));
    add(line.replace(/([a-z])([a-z]*)/gi, '$2$1').indexOf('lugin'));
  }
  const all = lines.join('\n');
  add((all.match(/^.*ERROR.*$/gm) ?? []).length);
  add(all.replace(/(?:\r?\n)+/g, '\n\n').length);
  add(all.replace(/\p{Lu}+/gu, (s) => s.toLowerCase()).search(/info|warn/));
  if (checksum !== 15356447) throw new Error(`regular-expressions: wrong checksum ${checksum}`);
  return checksum;
})();
