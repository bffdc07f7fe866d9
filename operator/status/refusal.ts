// Why children could not be made as they should: what a refusal means to the pool's author. Pure.

import { ApiError } from '../../kubernetes/failure.ts';
import { NotOwned } from '../owned.ts';
import type { Cause } from './causes.ts';

/** Answers that the same request would get again until somebody changes something. */
const lasting = new Set([400, 403, 404, 405, 422]);

/** Undefined for what may be gone at the next attempt, and for faults of our own. */
export const refusalOf = (error: unknown): Cause | undefined => {
  if (error instanceof NotOwned) return { reason: 'NotOwned', message: error.message };
  if (!(error instanceof ApiError) || !lasting.has(error.failure.code)) return undefined;
  const quota = error.failure.message.includes('exceeded quota');
  return { reason: quota ? 'QuotaExceeded' : 'ReconcileFailed', message: error.message };
};
