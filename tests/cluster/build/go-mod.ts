// The go.mod of a build: the module's own, under another name, with what it replaces by folders of
// its own repository replaced by what was published of them. Pure.

import type { Part } from './parts.ts';

const withoutModuleLine = (upstream: string): string =>
  upstream
    .split('\n')
    .filter((line) => !line.startsWith('module '))
    .join('\n');

/** Kubernetes publishes each folder of its staging area as a module, v0 for its own v1. */
const publishedStaging = (text: string, version: string): string =>
  text.replaceAll(
    /=> \.\/staging\/src\/(k8s\.io\/[a-z-]+)/g,
    (_line, module: string) => `=> ${module} ${version.replace(/^v1\./, 'v0.')}`,
  );

const withoutLocalReplacements = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/=> \.\.?\//.test(line))
    .join('\n');

/** @param upstream the module's own go.mod, empty when it pins nothing */
export const goModOf = (part: Part, upstream: string): string => {
  const pins =
    part.pins === 'none'
      ? 'go 1.24.0'
      : withoutLocalReplacements(publishedStaging(withoutModuleLine(upstream), part.version));
  return [
    `module paddock.test/${part.name}`,
    pins,
    `require ${part.module} ${part.version}`,
    ...(part.patch ? [`replace ${part.module} => ./source`] : []),
    '',
  ].join('\n\n');
};
