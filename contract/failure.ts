// What can come of a request: every status, its HTTP code, and how failures outside an evaluation
// are carried. Expected failures are data (`Outcome`); a `Refusal` is thrown and caught once per
// request.

/** Status of an answer -> HTTP status code. The seed's contract first, then ours. */
export const httpStatus = {
  OK: 200,
  RUNTIME_ERROR: 400,
  OUT_OF_FUEL: 400,
  OUT_OF_MEMORY: 400,
  INVALID_REQUEST: 400,
  INTERNAL_SERVER_ERROR: 500,
  OUT_OF_TIME: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TOO_LARGE: 413,
  OVERLOADED: 429,
  UNAVAILABLE: 503,
  OUTCOME_UNKNOWN: 502,
} as const;

export type Status = keyof typeof httpStatus;

/** Statuses that are decided before any script runs. */
export type RefusalStatus = Exclude<
  Status,
  'OK' | 'RUNTIME_ERROR' | 'OUT_OF_FUEL' | 'OUT_OF_MEMORY' | 'OUT_OF_TIME' | 'INTERNAL_SERVER_ERROR'
>;

/** A request that is turned away. `message` is for the caller; nothing internal may be in it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: RefusalStatus;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: RefusalStatus,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
