// Prints what a script wrote. A terminal obeys control characters: there, a script's own are shown
// instead, so that it can neither move the cursor nor write into the clipboard or the title.

import type { WriteStream } from 'node:tty';

const escaped = (control: string): string =>
  `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** `text` with every control character but tab and new line as `\uXXXX`. Pure. */
export const withoutControls = (text: string): string =>
  text.replaceAll(/(?![\t\n])\p{Cc}/gu, escaped);

/** Writes a text of a script: byte for byte to a file or a pipe, without controls to a terminal. */
export const print = (stream: Pick<WriteStream, 'isTTY' | 'write'>, text: string): void => {
  stream.write(stream.isTTY ? withoutControls(text) : text);
};
