// Loads the interpreter that ships with Paddock: checks its digest and its imports, then compiles
// it.

import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { allowedImports } from './abi.ts';

/** A compiled interpreter and the name under which its fuel is comparable. */
export interface EngineModule {
  readonly module: WebAssembly.Module;
  /** As `boa-0.22.0-1f2e3d4c5b6a`. */
  readonly name: string;
}

interface Manifest {
  readonly engine: string;
  readonly wasm: string;
  readonly sha256: string;
}

const shipped = new URL('../../interpreter/dist/manifest.json', import.meta.url);

const isManifest = (value: unknown): value is Manifest => {
  const { engine, wasm, sha256 } = value as Record<string, unknown>;
  return [engine, wasm, sha256].every((field) => typeof field === 'string');
};

const readManifest = async (url: URL): Promise<Manifest> => {
  const manifest: unknown = JSON.parse(await readFile(url, 'utf8'));
  if (!isManifest(manifest)) throw new Error(`${url.pathname} lacks engine, wasm or sha256`);
  return manifest;
};

/** Throws when a module imports what no interpreter may have. */
export const refuseForeignImports = (module: WebAssembly.Module): void => {
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    const allowed = kind === 'function' && allowedImports[from]?.includes(name);
    if (allowed !== true) throw new Error(`the interpreter imports ${kind} ${from}.${name}`);
  }
};

/** Whether a module says what its scripts read; of one that does not, everything may be read. */
export const tellsObserved = (module: WebAssembly.Module): boolean =>
  WebAssembly.Module.imports(module).some(
    ({ module: from, name }) => from === 'sandbox' && name === 'observed',
  );

/**
 * V8 would check all functions first, for a tenth of the time that a server takes to start. Those
 * that run are checked before they are compiled, as with any module. For bytes that were built and
 * checked before: of others an invalid function would show only when it runs.
 */
const compileLazily = (bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module => {
  setFlagsFromString('--wasm-lazy-validation');
  try {
    return new WebAssembly.Module(bytes);
  } finally {
    setFlagsFromString('--no-wasm-lazy-validation');
  }
};

/** Compiles a metered interpreter from its bytes. Throws on foreign imports or a wrong digest. */
export const compileModule = async (
  bytes: Uint8Array<ArrayBuffer>,
  engine: string,
  sha256?: string,
): Promise<EngineModule> => {
  const digest = hash('sha256', bytes);
  if (sha256 !== undefined && digest !== sha256) {
    throw new Error(`the interpreter's digest is ${digest}, its manifest says ${sha256}`);
  }
  // What no manifest vouches for is checked whole.
  const module = sha256 === undefined ? await WebAssembly.compile(bytes) : compileLazily(bytes);
  refuseForeignImports(module);
  return { module, name: `${engine}-${digest.slice(0, 12)}` };
};

/** The interpreter of this package, or the one whose manifest `url` names. */
export const loadModule = async (url: URL = shipped): Promise<EngineModule> => {
  const manifest = await readManifest(url);
  const bytes = await readFile(new URL(manifest.wasm, url));
  return compileModule(bytes, manifest.engine, manifest.sha256);
};
