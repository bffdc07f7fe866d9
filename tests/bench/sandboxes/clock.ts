// A monotonic clock that all threads of a process share, in milliseconds.

export const clockMs = (): number => Number(process.hrtime.bigint()) / 1e6;
