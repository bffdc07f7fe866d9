// What a router reads of a request: whose sandbox it is about, and no more. Pure. The runtime
// finds the same fields in the same bytes, so both see the same sandbox_id, whatever escapes and
// repeated fields there are.

import { NotJson } from '../../contract/json.ts';
import { fieldsOfRequest, valueOf } from '../../contract/read-request.ts';

/** The sandbox_id; null for none, undefined where the runtime will refuse the request anyway. */
export const sandboxIdOf = (bytes: Buffer): string | null | undefined => {
  try {
    const span = fieldsOfRequest(bytes).known.get('sandbox_id');
    const id = span && valueOf(bytes, span);
    return typeof id === 'string' || id === null ? id : undefined;
  } catch (error) {
    if (error instanceof NotJson) return undefined;
    throw error;
  }
};
