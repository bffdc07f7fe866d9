// What a script prints: harmless on a terminal, untouched elsewhere.

import test from 'ava';
import { print, withoutControls } from '../../cli/print.ts';

const hostile = '\u001b]0;title\u0007\u001b[2J\u009b31m\rover\b\u007f\u0000';

test('no control character but tab and new line reaches a terminal', (t) => {
  t.is(withoutControls('a\tb\nc é 😀 \ud800'), 'a\tb\nc é 😀 \ud800');
  t.is(withoutControls('\u001b[2J\r\u009b'), '\\u001b[2J\\u000d\\u009b');
  t.notRegex(withoutControls(hostile), /\p{Cc}/u);
});

test('files and pipes get what the script printed', (t) => {
  const printed = [true, false].map((isTTY) => {
    const written: string[] = [];
    const write = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
    print({ isTTY, write }, hostile);
    return written.join('');
  });
  t.deepEqual(printed, [withoutControls(hostile), hostile]);
});
