// Spans. Nothing of OpenTelemetry's SDK is loaded unless the environment asks for it by one of its
// own variables; without, a span costs next to nothing.
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/

import { context, SpanKind, trace, TraceFlags, type Span } from '@opentelemetry/api';
import { randomHex } from './random-hex.ts';
import { formatTraceparent, parseTraceparent, type Traceparent } from './traceparent.ts';

/** Whether the environment asks for traces. */
export const wantsTracing = (environment: Readonly<Record<string, string | undefined>>): boolean =>
  environment['OTEL_SDK_DISABLED'] !== 'true' &&
  environment['OTEL_TRACES_EXPORTER'] !== 'none' &&
  Object.keys(environment).some((name) => name.startsWith('OTEL_') && name !== 'OTEL_SDK_DISABLED');

/** Loads and starts the SDK; the promise it gives flushes and ends it. */
export const startTracing = async (service: string): Promise<() => Promise<void>> => {
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({ serviceName: service, instrumentations: [] });
  sdk.start();
  return () => sdk.shutdown();
};

/** Finds the SDK by itself once there is one. */
const tracer = trace.getTracer('paddock');

export interface RequestSpan {
  readonly traceId: string;
  /** What a server that is called on behalf of this request is told. */
  readonly traceparent: string;
  readonly end: (attributes: Readonly<Record<string, string | number>>) => void;
}

const idsOf = (span: Span, sent: Traceparent | undefined): Traceparent => {
  const { traceId, spanId, traceFlags } = span.spanContext();
  if (span.isRecording())
    return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 };
  // Nobody records: the trace goes on through us under ids of its own.
  return {
    traceId: sent?.traceId ?? randomHex(16),
    spanId: randomHex(8),
    sampled: sent?.sampled ?? false,
  };
};

/** A server's span for one request, a child of the caller's when it sent a traceparent. */
export const startRequestSpan = (name: string, header: string): RequestSpan => {
  const sent = parseTraceparent(header);
  const parent = sent
    ? trace.setSpanContext(context.active(), {
        traceId: sent.traceId,
        spanId: sent.spanId,
        traceFlags: sent.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
        isRemote: true,
      })
    : context.active();
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER }, parent);
  const ids = idsOf(span, sent);
  return {
    traceId: ids.traceId,
    traceparent: formatTraceparent(ids),
    end(attributes) {
      span.setAttributes(attributes);
      span.end();
    },
  };
};
