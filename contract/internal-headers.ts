// Headers between a router and its runtimes. A router removes whatever a caller sends under this
// prefix; a runtime believes them only on a connection with the router's certificate. Pure.

export const internalPrefix = 'paddock-';

/** Says of a refusal that nothing was evaluated and that another member may be asked. */
export const refusalHeader = `${internalPrefix}refusal`;

/** Whose sandboxes a request is about, as the router authenticated it. */
export const callerHeader = `${internalPrefix}caller`;
