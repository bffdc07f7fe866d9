// What an API server refused, as data. Pure.

/** `code` is the HTTP status; 0 when no answer came. */
export interface ApiFailure {
  readonly code: number;
  /** As metav1.Status spells it: NotFound, Conflict, Forbidden, Expired … or Unreachable. */
  readonly reason: string;
  readonly message: string;
  readonly retryAfterMs?: number;
}

export type Answer<A> =
  { readonly ok: true; readonly value: A } | { readonly ok: false; readonly failure: ApiFailure };

interface StatusBody {
  readonly reason?: unknown;
  readonly message?: unknown;
}

const statusOf = (text: string): StatusBody => {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
};

/** Reads the answer to a request that failed. */
export const failureOf = (code: number, text: string, retryAfter?: string): ApiFailure => {
  const { reason, message } = statusOf(text);
  const seconds = Number(retryAfter);
  return {
    code,
    reason: typeof reason === 'string' && reason !== '' ? reason : `HTTP ${code}`,
    message: typeof message === 'string' ? message : text.slice(0, 200),
    ...(retryAfter !== undefined && seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}),
  };
};

export const unreachable = (error: unknown): ApiFailure => ({
  code: 0,
  reason: 'Unreachable',
  message: error instanceof Error ? error.message : String(error),
});

/** The API server can no longer tell what changed since then: list anew. */
export const isGone = ({ code, reason }: ApiFailure): boolean =>
  code === 410 || reason === 'Expired' || reason === 'Gone';

export const isNotFound = ({ code }: ApiFailure): boolean => code === 404;
export const isConflict = ({ code }: ApiFailure): boolean => code === 409;

/** For logs and conditions. */
export const describe = ({ code, reason, message }: ApiFailure): string =>
  code === 0 ? `the API server cannot be reached: ${message}` : `${reason} (${code}): ${message}`;

/** A failure that a caller has no answer to: thrown, and caught once for each key. */
export class ApiError extends Error {
  readonly failure: ApiFailure;
  constructor(doing: string, failure: ApiFailure) {
    super(`${doing}: ${describe(failure)}`);
    this.name = 'ApiError';
    this.failure = failure;
  }
}

/** The value, or an ApiError that says what was attempted. */
export const valueOf = <A>(doing: string, answer: Answer<A>): A => {
  if (answer.ok) return answer.value;
  throw new ApiError(doing, answer.failure);
};
