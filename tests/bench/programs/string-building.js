// Texts: a page from templates, CSV both ways, word counts, edit distances, run lengths, case and
// padding: concatenation, slicing and character access.
(() => {
  'use strict';

  const people = Array.from({ length: 150 }, (_, i) => ({
    name: `Name-${i % 37} von "${String.fromCharCode(65 + (i % 26))}"`,
    age: 18 + ((i * 7) % 60),
    bio: `${'Lorem ipsum, dolor '[i % 19]}sit <amet> & ${'consectetur '.repeat(i % 4)}é${i}`,
  }));

  const escape = (text) => {
    let out = '';
    for (const c of text) {
      if (c === '<') out += '&lt;';
      else if (c === '>') out += '&gt;';
      else if (c === '&') out += '&amp;';
      else out += c;
    }
    return out;
  };
  const page = `<table>${people
    .map(
      ({ name, age, bio }) =>
        `<tr><td>${escape(name)}</td><td>${age}</td><td>${escape(bio)}</td></tr>`,
    )
    .join('\n')}</table>`;

  const quote = (value) => `"${String(value).replaceAll('"', '""')}"`;
  const csv = people.map((person) => Object.values(person).map(quote).join(',')).join('\r\n');

  function parseCsv(text) {
    const rows = [[]];
    let at = 0;
    while (at < text.length) {
      let field = '';
      for (at++; ; at++) {
        if (text[at] !== '"') field += text[at];
        else if (text[at + 1] === '"') {
          field += '"';
          at++;
        } else break;
      }
      rows.at(-1).push(field);
      at++;
      if (text.startsWith('\r\n', at)) {
        rows.push([]);
        at += 2;
      } else at++;
    }
    return rows;
  }

  function editDistance(a, b) {
    let before = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
      const row = [i];
      for (let j = 1; j <= b.length; j++) {
        const swap = before[j - 1] + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
        row.push(Math.min(swap, before[j] + 1, row[j - 1] + 1));
      }
      before = row;
    }
    return before[b.length];
  }

  function runLengths(text) {
    let out = '';
    for (let at = 0; at < text.length;) {
      let end = at + 1;
      while (end < text.length && text[end] === text[at]) end++;
      out += `${end - at}${text[at]}`;
      at = end;
    }
    return out;
  }

  const rows = parseCsv(csv);
  if (rows.length !== 150 || rows[7][0] !== people[7].name || rows[149][2] !== people[149].bio) {
    throw new Error('string-building: CSV does not come back');
  }
  const counts = {};
  for (const word of page.toLowerCase().split(' ')) counts[word] = (counts[word] ?? 0) + 1;
  const common = Object.entries(counts).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0];
  let distance = 0;
  for (let i = 0; i < 12; i++) distance += editDistance(people[i].bio, people[i + 20].bio);
  const runs = runLengths(page.padEnd(page.length + 99, '=')).length;
  let hash = 0;
  for (let i = 0; i < page.length; i++) hash = (hash * 31 + page.charCodeAt(i)) % 16777213;
  const checksum = `${hash} ${csv.length} ${common.join('=')} ${distance} ${runs}`;
  if (checksum !== '11634792 9572 consectetur=223 24 29563')
    throw new Error(`string-building: wrong checksum ${checksum}`);
  return checksum;
})();
