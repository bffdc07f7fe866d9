// The notes of written pages, by hand: what is noted, what is told of them, what is forgotten.

import test from 'ava';
import {
  forgetWritten,
  notesOf,
  noteWritten,
  writtenIn,
  type Notes,
} from '../../../runtime/engine/written.ts';

const kept = (): Notes =>
  notesOf({ 'meter.written': new WebAssembly.Memory({ initial: 16, maximum: 16 }) });
const page = 4096;

const told = (notes: Notes, from: number, to: number): number[][] =>
  [...writtenIn(notes, from * page, to * page)].map((stretch) => [
    stretch.from / page,
    stretch.to / page,
  ]);

/** A note stands for so much of the next page. */
const slack = 256 / page;

test('nothing is written at first', (t) => {
  t.deepEqual(told(kept(), 0, 1024), []);
});

test('each page that a stretch touches is noted, neighbours are told as one', (t) => {
  const notes = kept();
  noteWritten(notes, 3 * page - 1, 2);
  noteWritten(notes, 9 * page, page);
  noteWritten(notes, 20 * page, 0);
  t.deepEqual(told(notes, 0, 1024), [
    [2, 4 + slack],
    [9, 10 + slack],
  ]);
});

test('what is told begins and ends where it is asked to', (t) => {
  const notes = kept();
  noteWritten(notes, 0, 1024 * page);
  t.deepEqual(told(notes, 5, 7), [[5, 7]]);
});

test('the slack of a page before what is asked for is told', (t) => {
  const notes = kept();
  noteWritten(notes, 4 * page, 1);
  t.deepEqual(told(notes, 5, 7), [[5, 5 + slack]]);
  noteWritten(notes, 5 * page, 1);
  t.deepEqual(told(notes, 5, 7), [[5, 6 + slack]]);
});

test('the last page of 4 GiB can be noted', (t) => {
  const notes = kept();
  noteWritten(notes, 2 ** 32 - 1, 1);
  t.deepEqual(told(notes, 0, 2 ** 20), [[2 ** 20 - 1, 2 ** 20]]);
});

test('what is forgotten is not told again', (t) => {
  const notes = kept();
  noteWritten(notes, 5 * page, 1);
  forgetWritten(notes, 6 * page);
  t.deepEqual(told(notes, 0, 1024), []);
});

test('of an interpreter that notes nothing all is written, always', (t) => {
  const notes = notesOf({});
  t.deepEqual(told(notes, 2, 1024), [[2, 1024]]);
  forgetWritten(notes, 1024 * page);
  t.deepEqual(told(notes, 2, 1024), [[2, 1024]]);
});
