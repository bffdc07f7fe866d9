// Rules for Rust, read line by line: rustfmt has laid the code out, so indentation tells nesting.

import { sizes } from './sizes.ts';
import { violationAt, type SourceFile, type Violation } from './source.ts';

/** All `unsafe` of the interpreter is in the file that speaks the ABI. */
const unsafeFiles = ['interpreter/boa/src/abi.rs'];

const withoutComment = (line: string): string => line.replace(/\/\/.*$/, '');

/** `unsafe` outside the file that owns it. */
export const unsafeRust = (file: SourceFile): readonly Violation[] => {
  if (!file.path.endsWith('.rs') || unsafeFiles.includes(file.path)) return [];
  return file.text.split('\n').flatMap((line, index) => {
    const code = withoutComment(line).replace(/"(?:[^"\\]|\\.)*"/g, '""');
    if (!/\bunsafe(?:_code)?\b/.test(code) || /(?:forbid|deny)\(unsafe_code\)/.test(code))
      return [];
    return [`${file.path}:${index + 1}: unsafe is allowed only in ${unsafeFiles.join(', ')}`];
  });
};

const functionHead = /^( *)(?:pub(?:\([^)]*\))? )?(?:const |async |unsafe |extern "C" )*fn \w+/;

/** Functions of Rust that are too long: from `fn` to the `}` at the same indentation. */
export const rustFunctionSize = (file: SourceFile): readonly Violation[] => {
  if (!file.path.endsWith('.rs')) return [];
  const lines = file.text.split('\n');
  let offset = 0;
  return lines.flatMap((line, index) => {
    const at = offset;
    offset += line.length + 1;
    const indent = functionHead.exec(line)?.[1];
    if (indent === undefined || /[;}]\s*$/.test(line)) return [];
    const rest = lines.slice(index);
    const end = rest.findIndex((later) => later === `${indent}}` || later === `${indent}};`);
    const body = rest.slice(0, end + 1).filter((each) => !/^\s*\/\//.test(each));
    if (body.length <= sizes.functionLinesMax) return [];
    const what = `a function of ${body.length} lines, at most ${sizes.functionLinesMax}`;
    return [violationAt(file, at, what)];
  });
};
