// Sources that have no test file of their own, each with the test that runs it, or why none does.

import type { Excuse } from './rules/mirrors.ts';

const server: Excuse = { by: 'tests/runtime/server.test.ts' };
const evaluate: Excuse = { by: 'tests/runtime/evaluate.test.ts' };
const validate: Excuse = { by: 'tests/contract/validate.test.ts' };
const reconcile: Excuse = { by: 'tests/operator/reconcile.apiserver.test.ts' };
const children: Excuse = { by: 'tests/operator/desired/children.test.ts' };
const status: Excuse = { by: 'tests/operator/status/status.test.ts' };
const lostWorker: Excuse = { by: 'tests/runtime/worker/lost-worker.test.ts' };

const behindRouter: Excuse = { by: 'tests/runtime/behind-router.test.ts' };
const specOfPool: Excuse = { by: 'tests/contract/pool/pool.test.ts' };
const crd: Excuse = { by: 'tests/contract/pool/crd.test.ts' };
const realApi: Excuse = { by: 'tests/kubernetes/cluster.apiserver.test.ts' };
const routed: Excuse = { by: 'tests/router/forward/forward.test.ts' };

export const unmirrored: Readonly<Record<string, Excuse>> = {
  'cli/main.ts': { by: 'tests/cli/run.test.ts' },
  'contract/annotate.ts': { by: 'tests/contract/openapi.test.ts' },
  'contract/bounded.ts': validate,
  'contract/failure.ts': server,
  'contract/outcome.ts': server,
  'contract/request.ts': validate,
  'contract/schema.ts': { by: 'tests/contract/openapi.test.ts' },
  'operator/apply.ts': reconcile,
  'operator/desired/child.ts': children,
  'operator/desired/deployments.ts': children,
  'operator/desired/pod.ts': children,
  'operator/desired/policies.ts': children,
  'operator/desired/services.ts': children,
  'operator/main.ts': {
    because: 'tests/operator/failover.apiserver.test.ts starts it as a process',
  },
  'operator/measure.ts': reconcile,
  'operator/observed.ts': { because: 'types' },
  'operator/run.ts': reconcile,
  'operator/status/causes.ts': status,
  'operator/status/conditions.ts': status,
  'operator/token-review.ts': reconcile,
  'operator/watch.ts': reconcile,
  'runtime/engine/abi.ts': evaluate,
  'runtime/engine/call.ts': { because: 'types, and an output that does nothing' },
  'runtime/engine/image.ts': { by: 'tests/runtime/engine/residue.test.ts' },
  'runtime/engine/imports.ts': evaluate,
  'runtime/engine/module.ts': evaluate,
  'runtime/engine/slot.ts': { by: 'tests/runtime/engine/residue.test.ts' },
  'runtime/engine/stage.ts': evaluate,
  'runtime/worker/seat.ts': { because: 'types of what the pool knows' },
  'http/admit.ts': server,
  'runtime/http/app.ts': server,
  'runtime/http/context.ts': { because: 'types of what middlewares share' },
  'http/errors.ts': server,
  'runtime/http/evaluate.ts': server,
  'http/health.ts': { by: 'tests/runtime/drain.test.ts' },
  'http/host-header.ts': server,
  'runtime/http/respond.ts': server,
  'http/trace.ts': server,
  'runtime/http/validate.ts': server,
  'runtime/index.ts': evaluate,
  'runtime/sandbox/evaluate.ts': evaluate,
  'runtime/sandbox/store.ts': evaluate,
  'runtime/worker/entry.ts': lostWorker,
  'runtime/worker/pool.ts': lostWorker,
  'runtime/worker/protocol.ts': lostWorker,
  'runtime/worker/thread.ts': lostWorker,
  'telemetry/log.ts': server,
  'cli/options.ts': { by: 'tests/cli/route.test.ts' },
  'contract/internal-headers.ts': behindRouter,
  'contract/pool/field.ts': specOfPool,
  'contract/pool/scheduling.ts': specOfPool,
  'contract/pool/spec.ts': specOfPool,
  'contract/pool/status.ts': crd,
  'contract/pool/structural.ts': crd,
  'http/context.ts': { because: 'types of what middlewares share' },
  'http/life.ts': behindRouter,
  'http/listener.ts': behindRouter,
  'http/metrics.ts': behindRouter,
  'http/open-door.ts': server,
  'http/probe.ts': behindRouter,
  'http/tls-folder.ts': behindRouter,
  'kubernetes/client.ts': realApi,
  'kubernetes/config.ts': realApi,
  'kubernetes/events.ts': realApi,
  'kubernetes/lease.ts': realApi,
  'kubernetes/list-watch.ts': realApi,
  'kubernetes/metrics.ts': realApi,
  'kubernetes/resource.ts': realApi,
  'operator/certificates/secret.ts': { by: 'tests/operator/certificates/rotation.test.ts' },
  'router/app.ts': routed,
  'router/context.ts': { because: 'types of what middlewares share' },
  'router/forward/exchange.ts': { by: 'tests/router/forward/ending.test.ts' },
  'router/forward/upstream.ts': routed,
  'router/members/measure.ts': routed,
  'router/members/watch.ts': routed,
  'router/server.ts': routed,
  'runtime/http/count.ts': behindRouter,
  'runtime/http/peer.ts': behindRouter,
  'telemetry/metrics.ts': behindRouter,
  'operator/certificates/ensure.ts': { by: 'tests/operator/reconcile.apiserver.test.ts' },
  'contract/pool/reference.ts': crd,
  'router/callers/remembered.ts': { by: 'tests/router/callers/cache.test.ts' },
};
