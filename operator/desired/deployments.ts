// The Deployments of a pool: its runtimes in gVisor, and its routers. Pure.

import { httpLimits, routerLimits } from '../../contract/limits.ts';
import { labelsOf, ports, selectorOf } from '../../contract/pool/names.ts';
import { resources, type OwnerReference } from '../../kubernetes/resource.ts';
import { spread, type Resolved } from '../resolve.ts';
import { metadataOf, type Child } from './child.ts';
import { podSpecOf } from './pod.ts';

const strict = ['spec.template', 'spec.selector', 'spec.strategy'];
const tlsFolder = '/etc/paddock/tls';

/** Time to say goodbye: the delay before new work is refused, and the longest call after it. */
const graceOf = (callSeconds: number): number =>
  Math.ceil(httpLimits.drainDelayMs / 1000) + callSeconds + 5;

export const runtimeDeployment = (pool: Resolved, owner: OwnerReference): Child => {
  const { names, scheduling } = pool;
  const matchLabels = selectorOf(pool.name, 'runtime');
  const { nodeSelector, tolerations, topologySpreadConstraints, priorityClassName } = scheduling;
  const template = {
    metadata: {
      labels: { ...pool.podLabels, ...labelsOf(pool.name, 'runtime') },
      annotations: pool.podAnnotations,
    },
    spec: podSpecOf({
      ...pool,
      name: 'runtime',
      args: [
        ...['serve', '--host', '0.0.0.0', '--port', String(ports.runtime)],
        ...['--tls-dir', tlsFolder, '--router-identity', pool.identity],
        ...['--probe-port', String(ports.probe)],
      ],
      port: { name: 'execute', number: ports.runtime },
      serviceAccount: names.runtime,
      token: false,
      tlsSecret: names.runtimeTls,
      graceSeconds: graceOf(pool.callSeconds),
      more: {
        runtimeClassName: pool.runtimeClassName,
        topologySpreadConstraints:
          topologySpreadConstraints?.map((each) => ({ ...each, labelSelector: { matchLabels } })) ??
          spread(matchLabels),
        ...(nodeSelector ? { nodeSelector } : {}),
        ...(tolerations ? { tolerations } : {}),
        ...(priorityClassName === undefined ? {} : { priorityClassName }),
      },
    }),
  };
  return {
    resource: resources.deployment,
    strict,
    object: {
      metadata: metadataOf(pool, 'runtime', names.runtime, owner),
      spec: {
        replicas: pool.replicas,
        minReadySeconds: 2,
        revisionHistoryLimit: 3,
        progressDeadlineSeconds: 120,
        selector: { matchLabels },
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxSurge: pool.maxSurge, maxUnavailable: pool.maxUnavailable },
        },
        template,
      },
    },
  };
};

export const routerDeployment = (pool: Resolved, owner: OwnerReference): Child => {
  const { names, name, namespace } = pool;
  const matchLabels = selectorOf(name, 'router');
  return {
    resource: resources.deployment,
    strict,
    object: {
      metadata: metadataOf(pool, 'router', names.router, owner),
      spec: {
        replicas: pool.routerReplicas,
        minReadySeconds: 2,
        revisionHistoryLimit: 3,
        progressDeadlineSeconds: 120,
        selector: { matchLabels },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: {
          metadata: { labels: labelsOf(name, 'router') },
          spec: podSpecOf({
            ...pool,
            name: 'router',
            image: pool.routerImage,
            resources: pool.routerResources,
            environment: {},
            args: [
              ...['route', '--pool', name, '--namespace', namespace],
              ...['--host', '0.0.0.0', '--port', String(ports.router)],
              ...['--tls-dir', tlsFolder, '--probe-port', String(ports.probe)],
              ...(pool.anonymous ? ['--anonymous'] : []),
            ],
            port: { name: 'http', number: ports.router },
            serviceAccount: names.router,
            token: true,
            tlsSecret: names.routerTls,
            graceSeconds: graceOf(Math.ceil(routerLimits.deadlineMs / 1000)),
            more: { topologySpreadConstraints: spread(matchLabels) },
          }),
        },
      },
    },
  };
};
