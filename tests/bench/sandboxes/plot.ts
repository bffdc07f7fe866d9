// Latency against load as an SVG that reads in light and in dark. Pure.

import { promisedShare, type Load, type LoadStep } from './load.ts';
import { formatMs } from '../table.ts';

const frame = { left: 72, top: 64, width: 560, height: 320 } as const;
const size = { width: 720, height: 470 } as const;

const style = `
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.title { font-size: 16px; font-weight: 600; }
.quiet { fill: #57606a; font-size: 12px; }
.page { fill: #ffffff; }
.grid { stroke: #d0d7de; stroke-width: 1; }
.promise { stroke: #57606a; stroke-width: 1; stroke-dasharray: 5 4; }
.line { fill: none; stroke-width: 2.5; }
.p50 { stroke: #0969da; } .p90 { stroke: #9a6700; } .p99 { stroke: #cf222e; }
circle { stroke: none; } circle.p50 { fill: #0969da; } circle.p90 { fill: #9a6700; }
circle.p99 { fill: #cf222e; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .quiet { fill: #9198a1; } .page { fill: #0d1117; }
  .grid { stroke: #30363d; } .promise { stroke: #9198a1; }
  .p50 { stroke: #58a6ff; } .p90 { stroke: #d29922; } .p99 { stroke: #ff7b72; }
  circle.p50 { fill: #58a6ff; } circle.p90 { fill: #d29922; } circle.p99 { fill: #ff7b72; }
}`;

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const title = 'Latency, from when a call was due, against load: mixed calls over HTTP';

const fields = ['p50', 'p90', 'p99'] as const;

/** Whole decades around all values. */
const decadesOf = (steps: readonly LoadStep[]): readonly [lowest: number, highest: number] => {
  const values = steps.flatMap((step) => fields.map((field) => step[field]));
  const lowest = Math.floor(Math.log10(Math.min(...values)));
  const highest = Math.ceil(Math.log10(Math.max(...values)));
  return [lowest, Math.max(highest, lowest + 1)];
};

const x = (share: number): number => frame.left + share * frame.width;

const axes = (capacity: number, y: (ms: number) => number, decades: readonly number[]): string => {
  const right = frame.left + frame.width;
  const bottom = frame.top + frame.height;
  const across = decades.map((decade) => {
    const at = y(10 ** decade);
    const line = `<line class="grid" x1="${frame.left}" x2="${right}" y1="${at}" y2="${at}"/>`;
    const text = formatMs(10 ** decade).replace(/\.0+(?= )/, '');
    return `${line}<text x="${frame.left - 8}" y="${at + 4}" text-anchor="end">${text}</text>`;
  });
  const along = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => {
    const middle = `x="${x(share)}" text-anchor="middle"`;
    const rate = (share * capacity).toFixed(0);
    return (
      `<line class="grid" x1="${x(share)}" x2="${x(share)}" y1="${frame.top}" y2="${bottom}"/>` +
      `<text ${middle} y="${bottom + 19}">${(share * 100).toFixed(0)} %</text>` +
      `<text class="quiet" ${middle} y="${bottom + 35}">${rate}/s</text>`
    );
  });
  const label = 'load offered, of the capacity in a closed loop';
  const middle = `x="${x(0.5)}" y="${bottom + 58}" text-anchor="middle"`;
  return [...across, ...along, `<text ${middle}>${label}</text>`].join('\n');
};

const curve = (
  steps: readonly LoadStep[],
  field: (typeof fields)[number],
  y: (ms: number) => number,
) => {
  const points = steps.map((step) => [x(step.share), y(step[field]).toFixed(1)] as const);
  const line = points.map((point) => point.join(',')).join(' ');
  const dots = points.map(([cx, cy]) => `<circle class="${field}" cx="${cx}" cy="${cy}" r="3.5"/>`);
  return `<polyline class="line ${field}" points="${line}"/>\n${dots.join('')}`;
};

const legend = (): string =>
  fields
    .map((field, index) => {
      const left = frame.left + frame.width + 14;
      const at = frame.top + 16 + index * 22;
      return (
        `<line class="line ${field}" x1="${left}" x2="${left + 22}" y1="${at}" y2="${at}"/>` +
        `<text x="${left + 28}" y="${at + 4}">${field}</text>`
      );
    })
    .join('\n');

/** @param about versions and machine, one line */
export const plotLoad = ({ capacity, steps }: Load, about: string): string => {
  const [lowest, highest] = decadesOf(steps);
  const bottom = frame.top + frame.height;
  const y = (ms: number): number =>
    bottom - ((Math.log10(ms) - lowest) / (highest - lowest)) * frame.height;
  const decades = Array.from({ length: highest - lowest + 1 }, (_, index) => lowest + index);
  const promised = x(promisedShare);
  const view = `viewBox="0 0 ${size.width} ${size.height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${view} role="img">
<title>Latency of paddock serve against load</title>
<style>${style}
</style>
<rect class="page" width="${size.width}" height="${size.height}"/>
<text class="title" x="${frame.left}" y="26">${title}</text>
<text class="quiet" x="${frame.left}" y="46">${escape(about)}</text>
${axes(capacity, y, decades)}
<line class="promise" x1="${promised}" x2="${promised}" y1="${frame.top}" y2="${bottom}"/>
${fields.map((field) => curve(steps, field, y)).join('\n')}
${legend()}
</svg>
`;
};
