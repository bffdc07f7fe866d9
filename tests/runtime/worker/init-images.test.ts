// Init images: bounded, least recently used first, and each worker told of each once.

import test from 'ava';
import { initImageLimits } from '../../../contract/limits.ts';
import type { InitImage } from '../../../runtime/sandbox/init-image.ts';
import { createInitImages, createKnownImages } from '../../../runtime/worker/init-images.ts';

const image = (bytes = 0, fuel = 10): InitImage => ({
  ...{ fuel, stdout: new Uint8Array(), stderr: new Uint8Array() },
  delta: {
    ...{ places: new Uint32Array(), blocks: new Uint8Array(bytes), globals: [], memoryBytes: 0 },
  },
});

test('an image is found under its key by who may use its fuel', (t) => {
  const images = createInitImages();
  const kept = images.keep('a', image());
  t.is(images.find('a', 10), kept);
  t.is(images.find('a', 9), undefined);
  t.is(images.find('b', 10), undefined);
});

test('the least recently used go when bytes or number are too many', (t) => {
  const images = createInitImages();
  const half = initImageLimits.bytesMax / 2;
  images.keep('a', image(half));
  images.keep('b', image(half));
  t.truthy(images.find('a', 10));
  images.keep('c', image(1));
  t.is(images.find('b', 10), undefined);
  t.truthy(images.find('a', 10));
  for (let index = 0; index < initImageLimits.imagesMax; index++) images.keep(`k${index}`, image());
  t.is(images.find('a', 10), undefined);
});

test('an image kept again under its key counts once', (t) => {
  const images = createInitImages();
  for (let index = 0; index < 5; index++) images.keep('a', image(initImageLimits.bytesMax / 2));
  images.keep('b', image(initImageLimits.bytesMax / 2));
  t.truthy(images.find('a', 10));
});

test('a worker learns an image once, and forgets the least recently used', (t) => {
  const images = createInitImages();
  const known = createKnownImages();
  const [first, second] = [images.keep('a', image()), images.keep('b', image())];
  t.deepEqual(known.teach(first), { learn: [first], unlearn: [] });
  t.deepEqual(known.teach(first), { learn: [], unlearn: [] });
  t.deepEqual(known.teach(undefined), { learn: [], unlearn: [] });
  known.teach(second);
  known.teach(first);
  const unlearned: number[] = [];
  for (let index = 2; index <= initImageLimits.perWorkerMax; index++) {
    unlearned.push(...known.teach(images.keep(`k${index}`, image())).unlearn);
  }
  t.deepEqual(unlearned, [second.id]);
  t.deepEqual(known.teach(second).learn, [second]);
});

test('a worker knows so many bytes of images at most', (t) => {
  const images = createInitImages();
  const known = createKnownImages();
  const half = initImageLimits.perWorkerBytesMax / 2;
  const [a, b, c] = ['a', 'b', 'c'].map((key) => images.keep(key, image(half)));
  known.teach(a);
  t.deepEqual(known.teach(b).unlearn, []);
  t.deepEqual(known.teach(c).unlearn, [a?.id]);
  const large = images.keep('large', image(2 * initImageLimits.perWorkerBytesMax));
  t.deepEqual(known.teach(large), { learn: [large], unlearn: [b?.id, c?.id] });
});
