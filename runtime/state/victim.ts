// Which segment is compacted next. Pure.

import { stateLimits } from '../../contract/limits.ts';
import type { Segment } from './keydir.ts';

export interface Usage {
  /** All of them, oldest first. */
  readonly segments: readonly Segment[];
  readonly keys: number;
  readonly removals: number;
  readonly bytesMax: number;
  readonly segmentBytes: number;
}

/** Bytes on disk, indexes included. */
export const bytesOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { bytes, indexBytes }) => sum + bytes + indexBytes, 0);

/**
 * Bytes of a segment that would have to be copied. A removal counts as long as an older segment may
 * hold what it removed; in the oldest segment it says nothing any more.
 */
const keptBytes = (segment: Segment, oldest: boolean): number =>
  segment.liveBytes + (oldest ? 0 : segment.removalBytes);

/** The segment to compact, or nothing while all is well. */
export const chooseVictim = (usage: Usage): Segment | undefined => {
  const { segments, keys, removals, bytesMax, segmentBytes } = usage;
  const closed = segments.flatMap((segment, index) => {
    const kept = keptBytes(segment, index === 0);
    return segment.closed && !segment.unreadable
      ? [{ segment, kept, deadShare: 1 - kept / segment.bytes }]
      : [];
  });
  const empty = closed.find(({ kept }) => kept === 0);
  if (empty) return empty.segment;
  const total = bytesOf(segments);
  const dead = total - segments.reduce((sum, each, i) => sum + keptBytes(each, i === 0), 0);
  const wasteful = dead > total * stateLimits.deadShareMax && dead > segmentBytes;
  if (total > bytesMax || wasteful) {
    const [worst] = closed.toSorted((a, b) => b.deadShare - a.deadShare);
    return worst && worst.deadShare > stateLimits.worthShareMin ? worst.segment : undefined;
  }
  // Removals are forgotten when all older segments are gone: that takes one round through the log.
  if (removals > Math.max(keys, stateLimits.removalsMin)) return closed[0]?.segment;
  if (segments.length > total / segmentBytes + stateLimits.segmentsSpare) {
    return closed.toSorted((a, b) => a.kept - b.kept)[0]?.segment;
  }
  return undefined;
};
