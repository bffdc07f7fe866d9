// What a router reads of a request: whose sandbox it is about, and no more. Pure. The runtime
// parses the same text with the same JSON.parse, so both see the same sandbox_id, whatever escapes
// and repeated fields the text holds.

/** The sandbox_id; null for none, undefined where the runtime will refuse the request anyway. */
export const sandboxIdOf = (body: string): string | null | undefined => {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'sandbox_id')) {
      return undefined;
    }
    const { sandbox_id: id } = value as { sandbox_id: unknown };
    return typeof id === 'string' || id === null ? id : undefined;
  } catch {
    return undefined;
  }
};
