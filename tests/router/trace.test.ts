// One trace from the caller through a router to a runtime: real processes, and a receiver of spans
// that listens as a collector does.

import test from 'ava';
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../cluster/ports.ts';

const cli = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}

/** What an exporter sends: OTLP/HTTP in JSON. */
interface Export {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly {
        readonly key: string;
        readonly value: { readonly stringValue?: string };
      }[];
    };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

type Received = Span & { readonly service: string };

const spansOf = ({ resourceSpans }: Export): readonly Received[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const name = resource.attributes.find(({ key }) => key === 'service.name');
    const service = name?.value.stringValue ?? '';
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, service })));
  });

const startCollector = async () => {
  const spans: Received[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      if (request.url === '/v1/traces') spans.push(...spansOf(JSON.parse(text) as Export));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { spans, server, url: `http://127.0.0.1:${port}` };
};

interface Started {
  readonly child: ChildProcess;
  /** What it wrote to its log so far. */
  readonly log: () => string;
}

const start = (collector: string, ...args: readonly string[]): Started => {
  const child = spawn(process.execPath, [cli, ...args, '--log-level', 'debug'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    },
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { child, log: () => text };
};

/** Trace ids of the requests in a log, each line of which is JSON. */
const tracesIn = (log: string): readonly string[] =>
  log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { readonly msg: string; readonly trace_id?: string })
    .flatMap(({ msg, trace_id: traceId = '' }) => (msg === 'request' ? [traceId] : []));

/** Ends a process by a signal, upon which it sends what spans it still has. */
const end = async ({ child }: Started): Promise<void> => {
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGINT');
  await gone;
};

test('caller, router and runtime share one trace, each under the one before', async (t) => {
  const collector = await startCollector();
  const [runtimePort, routerPort] = [await freePort(), await freePort()];
  const member = `http://127.0.0.1:${runtimePort}`;
  const runtime = start(collector.url, 'serve', '--port', String(runtimePort));
  const router = start(collector.url, 'route', '--member', member, '--port', String(routerPort));
  t.teardown(() => {
    for (const { child } of [runtime, router]) child.kill('SIGKILL');
    collector.server.close();
  });
  const execute = async (headers: Readonly<Record<string, string>>): Promise<number> => {
    const response = await fetch(`http://127.0.0.1:${routerPort}/execute`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ sandbox_id: 'x', init_script: '', script: '6 * 7' }),
    });
    await response.text();
    return response.status;
  };
  while ((await execute({}).catch(() => 0)) !== 200) await sleep(50);

  const traced = '0af7651916cd43dd8448eb211c80319c';
  const unsampled = '1bf7651916cd43dd8448eb211c80319d';
  const parent = 'b7ad6b7169203331';
  t.is(await execute({ traceparent: `00-${traced}-${parent}-01` }), 200);
  t.is(await execute({ traceparent: `00-${unsampled}-${parent}-00` }), 200);
  await end(router);
  await end(runtime);

  const { spans } = collector;
  const of = (traceId: string, service: string) =>
    spans.filter((span) => span.traceId === traceId && span.service === service);
  const [ofRouter, ...othersOfRouter] = of(traced, 'paddock-router');
  t.deepEqual(othersOfRouter, []);
  t.is(ofRouter?.parentSpanId, parent);
  t.is(ofRouter?.name, 'POST /execute');
  const ofRuntime = of(traced, 'paddock-runtime').filter(({ name }) => name === 'POST /execute');
  t.is(ofRuntime.length, 1);
  t.is(ofRuntime[0]?.parentSpanId, ofRouter?.spanId);
  t.false(spans.some(({ traceId }) => traceId === unsampled));
  // Logs name a trace whether or not it is sampled.
  for (const { log } of [router, runtime]) {
    t.true(tracesIn(log()).includes(traced));
    t.true(tracesIn(log()).includes(unsampled));
  }

  // Whoever sends no traceparent begins a trace at the router, which the runtime goes on with.
  const roots = spans.filter(({ service, parentSpanId = '' }) => {
    return service === 'paddock-router' && parentSpanId === '';
  });
  t.true(roots.some(({ traceId }) => of(traceId, 'paddock-runtime').length > 0));
});
