// Who may import whom. The folders of the product, and the layers within runtime, import downwards.

import { importsOf, type Import } from './imports.ts';
import { violationAt, type SourceFile, type Violation } from './source.ts';

/** Folder -> the other folders of ours that it may import. `cli` names files instead. */
const areas: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  telemetry: ['contract'],
  kubernetes: ['contract', 'telemetry'],
  http: ['contract', 'telemetry'],
  operator: ['contract', 'telemetry', 'kubernetes', 'http'],
  router: ['contract', 'telemetry', 'kubernetes', 'http'],
  runtime: ['contract', 'telemetry', 'http'],
  cli: ['contract', 'telemetry'],
};

/** What a command may start: the entry files of the areas that serve. */
const entries = /^(?:runtime|router|operator)\/(?:index|server)\.ts$/;

/** Layers of runtime, lowest first: each imports only those below it. */
const layers: readonly RegExp[] = [
  /^runtime\/state\//,
  /^runtime\/engine\//,
  /^runtime\/sandbox\//,
  /^runtime\/worker\//,
  /^runtime\/index\.ts$/,
  /^runtime\/http\//,
  /^runtime\/server\.ts$/,
];

const areaOf = (path: string): string => path.split('/')[0] ?? '';

const layerOf = (path: string): number => layers.findIndex((layer) => layer.test(path));

const againstLayers = (path: string, target: string, typeOnly: boolean): string | undefined => {
  const [from, to] = [layerOf(path), layerOf(target)];
  if (from < 0 || to < 0) {
    return `${from < 0 ? path : target} is in no layer of runtime: http, worker, engine, state`;
  }
  if (to > from) return `${path} may not import ${target}: that layer is above its own`;
  if (path.startsWith('runtime/http/') && target === 'runtime/index.ts' && !typeOnly) {
    return 'runtime/http may import only types of runtime/index.ts: the engine is handed to it';
  }
  return undefined;
};

const againstLaw = (path: string, { target, typeOnly }: Import): string | undefined => {
  const from = areaOf(path);
  const allowed = areas[from];
  if (target === undefined || allowed === undefined) return undefined;
  const to = areaOf(target);
  if (to === from) return from === 'runtime' ? againstLayers(path, target, typeOnly) : undefined;
  if (allowed.includes(to) || (from === 'cli' && entries.test(target))) return undefined;
  return `${from} may not import ${target}`;
};

/** Examples use the package as strangers do: by its name. */
const againstExample = (path: string, { target }: Import): string | undefined => {
  const example = /^examples\/[^/]+\//.exec(path)?.[0];
  if (example === undefined || target === undefined || target.startsWith(example)) return undefined;
  return 'an example imports the package by its name, not by a path';
};

/** Violations of the import law. */
export const importLaw = (file: SourceFile): readonly Violation[] =>
  importsOf(file).flatMap((imported) => {
    const what = againstLaw(file.path, imported) ?? againstExample(file.path, imported);
    return what === undefined ? [] : [violationAt(file, imported.offset, what)];
  });
