// The table: all figures of a run, those of a section under its head, beside Paddock's. Pure.

import { formatMs, formatRatio, formatTable } from '../table.ts';
import type { Figure } from './figure.ts';

export const formatBytes = (bytes: number): string => {
  if (!Number.isFinite(bytes)) return '-';
  if (bytes < 10_000) return `${bytes.toFixed(0)} B`;
  if (bytes < 10 * 1024 ** 2) return `${(bytes / 1024).toFixed(bytes < 102_400 ? 1 : 0)} KiB`;
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
};

const formatOf = ({ unit }: Figure) => (unit === 'ms' ? formatMs : formatBytes);

const rowOf = (figure: Figure, reference: Figure | undefined): string[] => {
  const format = formatOf(figure);
  const ratio = (field: 'p50' | 'p99') =>
    formatRatio(figure[field] / (reference?.[field] ?? Number.NaN));
  const { p50, p99, min, runs, usage } = figure;
  // What answers without its state has not done what the others do.
  const name = `${figure.name}${(usage?.['kept'] ?? 1) < 0.99 ? ' (STATE LOST)' : ''}`;
  return [`  ${name}`, ...[p50, p99, min].map(format), ratio('p50'), ratio('p99'), `${runs}`];
};

const head = ['', 'p50', 'p99', 'min', 'p50 / Paddock', 'p99 / Paddock', 'calls'];

/** Above 1 in the columns of ratios: slower, or larger, than Paddock in the same run. */
export const formatFigures = (figures: readonly Figure[]): string => {
  const sections = [...new Set(figures.map(({ section }) => section))];
  const rows = sections.flatMap((section) => {
    const own = figures.filter((figure) => figure.section === section);
    const reference = own.find((figure) => figure.reference);
    return [[section, '', '', '', '', '', ''], ...own.map((figure) => rowOf(figure, reference))];
  });
  return formatTable([head, ...rows]);
};

const formatUsage = (field: string, value: number): string =>
  field.endsWith('_us') ? `${field} ${value.toFixed(0)}` : `${field} ${(value * 100).toFixed(1)} %`;

/** How each line was come by, and what Paddock's own `usage` said, where it says that. */
export const formatNotes = (figures: readonly Figure[]): string => {
  const notes = new Map<string, Set<string>>();
  for (const { section, name, note } of figures) {
    const text = `${name}: ${note}`;
    notes.set(text, (notes.get(text) ?? new Set()).add(section));
  }
  const method = [...notes].map(([text, sections]) => `${text} [${[...sections].join('; ')}]`);
  const said = figures.flatMap(({ section, name, usage = {} }) => {
    const fields = Object.entries(usage).map(([field, value]) => formatUsage(field, value));
    return fields.length > 0 ? [`usage of ${name} [${section}]: ${fields.join(', ')}`] : [];
  });
  return [...method, ...said].join('\n');
};
