// The traceparent header, as the W3C has it.

import test from 'ava';
import { formatTraceparent, parseTraceparent } from '../../telemetry/traceparent.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

test('a header is read and written back', (t) => {
  for (const flags of ['00', '01']) {
    const header = `00-${traceId}-${spanId}-${flags}`;
    const parsed = parseTraceparent(header);
    t.deepEqual(parsed, { traceId, spanId, sampled: flags === '01' });
    if (parsed) t.is(formatTraceparent(parsed), header);
  }
});

const malformed = [
  '',
  `ff-${traceId}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${traceId}-${spanId}`,
  `00-${traceId}-${spanId}-01-more`,
];

for (const header of malformed) {
  test(`malformed: ${header}`, (t) => {
    t.is(parseTraceparent(header), undefined);
  });
}
