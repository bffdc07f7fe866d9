// The kinds of object that we read or write, and where the API server keeps them. Pure.

import { apiVersion, plural } from '../contract/pool/names.ts';

export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const resource = (version: string, kind: string, name: string, namespaced = true): Resource => ({
  apiVersion: version,
  kind,
  plural: name,
  namespaced,
});

export const resources = {
  pool: resource(apiVersion, 'SandboxPool', plural),
  deployment: resource('apps/v1', 'Deployment', 'deployments'),
  replicaSet: resource('apps/v1', 'ReplicaSet', 'replicasets'),
  pod: resource('v1', 'Pod', 'pods'),
  service: resource('v1', 'Service', 'services'),
  serviceAccount: resource('v1', 'ServiceAccount', 'serviceaccounts'),
  secret: resource('v1', 'Secret', 'secrets'),
  coreEvent: resource('v1', 'Event', 'events'),
  event: resource('events.k8s.io/v1', 'Event', 'events'),
  lease: resource('coordination.k8s.io/v1', 'Lease', 'leases'),
  endpointSlice: resource('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'),
  networkPolicy: resource('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
  disruptionBudget: resource('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  roleBinding: resource('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
  clusterRoleBinding: resource(
    'rbac.authorization.k8s.io/v1',
    'ClusterRoleBinding',
    'clusterrolebindings',
    false,
  ),
  runtimeClass: resource('node.k8s.io/v1', 'RuntimeClass', 'runtimeclasses', false),
  tokenReview: resource('authentication.k8s.io/v1', 'TokenReview', 'tokenreviews', false),
  localAccessReview: resource(
    'authorization.k8s.io/v1',
    'LocalSubjectAccessReview',
    'localsubjectaccessreviews',
  ),
} as const;

export interface Place {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: 'status' | 'scale' | undefined;
}

/** The path of an object, or of all of its kind when it has no name. */
export const pathOf = (
  { apiVersion: version, plural: name, namespaced }: Resource,
  place: Place = {},
): string => {
  const base = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
  const inside =
    namespaced && place.namespace !== undefined
      ? `/namespaces/${encodeURIComponent(place.namespace)}`
      : '';
  const object = place.name === undefined ? '' : `/${encodeURIComponent(place.name)}`;
  const part = place.subresource === undefined ? '' : `/${place.subresource}`;
  return `${base}${inside}/${name}${object}${part}`;
};

/** What every object has. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly OwnerReference[];
  };
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** What an object is known by within its kind. */
export const keyOf = ({ metadata }: KubernetesObject): string =>
  metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
