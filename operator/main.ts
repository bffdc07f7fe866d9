// npm run operator: from a pod or from a laptop, whoever holds the lease.

import { randomUUID } from 'node:crypto';
import { configurationOf } from '../contract/operator.ts';
import { startProbes } from '../http/probe.ts';
import { operatorLimits } from '../contract/limits.ts';
import { leaseName } from '../contract/pool/names.ts';
import { connect } from '../kubernetes/config.ts';
import { createLog } from '../telemetry/log.ts';
import { createRegistry } from '../telemetry/metrics.ts';
import { startTracing, wantsTracing } from '../telemetry/tracing.ts';
import { Operator } from './run.ts';

const main = async (): Promise<void> => {
  const log = createLog(process.env['LOG_LEVEL'] ?? 'info');
  const configuration = configurationOf(process.env);
  const endTracing = wantsTracing(process.env) ? await startTracing('paddock-operator') : undefined;
  const registry = createRegistry();
  const operator = new Operator({
    ...{ configuration, log, registry },
    client: connect(),
    leaseClient: connect(),
    // A pod's name comes back with another process in it: each must know its own lease.
    identity: `${configuration.podName}_${randomUUID().slice(0, 8)}`,
    onLost(why) {
      log.fatal({ why }, 'the lease is lost');
      process.exit(1);
    },
  });
  const probes = await startProbes({
    ...{ log, registry, host: '0.0.0.0', port: configuration.probePort },
    unready: () => (operator.hasSynced ? undefined : 'the caches are not filled yet'),
  });
  log.info({ probes: probes.url }, 'the operator waits for the lease');
  const { podNamespace } = configuration;
  // A pod waits warm for its turn. A person wants to know that another is at work.
  const inPod = process.env['KUBERNETES_SERVICE_HOST'] !== undefined;
  const giveUp = setTimeout(() => {
    if (inPod || operator.holdsLease) return;
    process.stderr.write(
      `operator: the lease ${podNamespace}/${leaseName} cannot be had: ` +
        'another operator holds it, or the API server does not answer\n',
    );
    process.exit(3);
  }, operatorLimits.leaseWaitMs);
  const end = async (): Promise<void> => {
    log.info('ending');
    clearTimeout(giveUp);
    await operator.stop();
    await probes.close();
    await endTracing?.();
  };
  process.once('SIGTERM', () => void end());
  process.once('SIGINT', () => void end());
};

try {
  await main();
} catch (error) {
  process.stderr.write(`operator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
