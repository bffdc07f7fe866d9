// The log: one JSON object a line on stderr, for machines; people read it with any JSON viewer.

import { pino, type Logger } from 'pino';

export type Log = Logger;

/** A log on stderr. `level` as pino's: fatal, error, warn, info, debug, trace, silent. */
export const createLog = (level: string): Log =>
  pino(
    { level, base: { service: 'paddock' }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
