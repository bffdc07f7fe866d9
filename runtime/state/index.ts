// The state log, as the rest of the runtime sees it.

export type { StateEvent } from './event.ts';
export { FolderRefused } from './folder.ts';
export { FolderBusy } from './lock.ts';
export { openStateLog, type StateLog, type StateLogOptions } from './log.ts';
