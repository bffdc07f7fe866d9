// One line of the table: how long something takes, or how many bytes, and where it came from.

import { summarise, type Summary } from '../statistics.ts';

export interface Figure extends Summary {
  /** What is compared, as `fresh`. */
  readonly section: string;
  readonly name: string;
  readonly unit: 'ms' | 'bytes';
  /** The line of its section that all others are divided by. */
  readonly reference: boolean;
  /** What a reader of the figure has to know. */
  readonly note: string;
  /** Medians of what Paddock's own `usage` said, and shares of where sandboxes were found. */
  readonly usage?: Readonly<Record<string, number>>;
}

export const timesFigure = (
  about: Pick<Figure, 'section' | 'name' | 'reference' | 'note' | 'usage'>,
  times: readonly number[],
): Figure => ({ ...about, unit: 'ms', ...summarise(times) });
