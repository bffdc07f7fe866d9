// All children of a pool, in the order in which they are made: rights and rules before the pods
// that they are about. Pure.

import type { OwnerReference } from '../../kubernetes/resource.ts';
import type { Resolved } from '../resolve.ts';
import { routerBinding, serviceAccounts } from './access.ts';
import type { Child } from './child.ts';
import { routerDeployment, runtimeDeployment } from './deployments.ts';
import { disruptionBudgets, networkPolicies } from './policies.ts';
import { routerService, runtimeService } from './services.ts';

export const childrenOf = (pool: Resolved, owner: OwnerReference): readonly Child[] => [
  ...networkPolicies(pool, owner),
  ...serviceAccounts(pool, owner),
  routerBinding(pool, owner),
  runtimeService(pool, owner),
  routerService(pool, owner),
  ...disruptionBudgets(pool, owner),
  runtimeDeployment(pool, owner),
  routerDeployment(pool, owner),
];
