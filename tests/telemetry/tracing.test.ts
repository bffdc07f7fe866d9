// Nothing of OpenTelemetry's SDK is loaded unless the environment asks for it.

import test from 'ava';
import { startRequestSpan, wantsTracing } from '../../telemetry/tracing.ts';

test('only a variable of OpenTelemetry asks for traces', (t) => {
  t.false(wantsTracing({}));
  t.false(wantsTracing({ PATH: '/bin' }));
  t.true(wantsTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector' }));
  t.false(wantsTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: 'x', OTEL_SDK_DISABLED: 'true' }));
  t.false(wantsTracing({ OTEL_TRACES_EXPORTER: 'none' }));
});

test('without an SDK a trace goes on under its id, with a span of its own', (t) => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const span = startRequestSpan('POST /execute', `00-${traceId}-b7ad6b7169203331-01`);
  t.is(span.traceId, traceId);
  t.regex(span.traceparent, new RegExp(`^00-${traceId}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`));
  const fresh = startRequestSpan('POST /execute', '');
  t.regex(fresh.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  span.end({});
  fresh.end({});
});
