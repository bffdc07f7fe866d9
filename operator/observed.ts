// What the API server's objects say of one pool: the parts that decisions are made from.

import type { KubernetesObject } from '../kubernetes/resource.ts';

export interface ConditionObject {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface Deployment extends KubernetesObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly ConditionObject[];
  };
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: { readonly reason?: string; readonly message?: string };
}

export interface Pod extends KubernetesObject {
  readonly status?: {
    readonly conditions?: readonly ConditionObject[];
    readonly containerStatuses?: readonly {
      readonly state?: ContainerState;
      readonly lastState?: ContainerState;
    }[];
  };
}

/** A core/v1 Event of a pod. */
export interface PodEvent extends KubernetesObject {
  readonly involvedObject: { readonly uid?: string };
  readonly reason?: string;
  readonly message?: string;
}

/** Everything that a pool's status is made from. */
export interface Observed {
  readonly runtime: Deployment | undefined;
  readonly router: Deployment | undefined;
  /** Pods of both components. */
  readonly pods: readonly Pod[];
  readonly podEvents: readonly PodEvent[];
  readonly runtimeClassExists: boolean;
}
