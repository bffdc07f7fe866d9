// Sources that have no test file of their own, each with the test that runs it, or why none does.

import type { Excuse } from './rules/mirrors.ts';

const server: Excuse = { by: 'tests/runtime/server.test.ts' };
const evaluate: Excuse = { by: 'tests/runtime/evaluate.test.ts' };
const validate: Excuse = { by: 'tests/contract/validate.test.ts' };
const reconcile: Excuse = { by: 'tests/operator/reconcile.apiserver.test.ts' };
const children: Excuse = { by: 'tests/operator/desired/children.test.ts' };
const status: Excuse = { by: 'tests/operator/status/status.test.ts' };
const lostWorker: Excuse = { by: 'tests/runtime/worker/lost-worker.test.ts' };

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
  'operator/reconcile.ts': reconcile,
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
};
