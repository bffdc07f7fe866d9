// The built interpreter imports what the ABI allows and nothing else, exports what the host needs,
// and its manifest tells the truth.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { allowedImports } from '../../runtime/engine/abi.ts';
import { compileModule, loadModule, refuseForeignImports } from '../../runtime/engine/module.ts';
import { createSlot } from '../../runtime/engine/slot.ts';
import { dist, readManifest } from '../../scripts/interpreter/manifest.ts';
import { sha256, sourceFiles, sourcesDigest } from '../../scripts/interpreter/sources.ts';

test('imports are a subset of eight WASI functions and five of ours', async (t) => {
  const { module } = await loadModule();
  t.deepEqual(Object.keys(allowedImports), ['wasi_snapshot_preview1', 'sandbox']);
  t.is(Object.values(allowedImports).flat().length, 13);
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    t.is(kind, 'function');
    t.true(allowedImports[from]?.includes(name), `${from}.${name}`);
  }
});

test('the host refuses a module that imports anything else', (t) => {
  // (module (import "wasi_snapshot_preview1" "path_open" (func)))
  const bytes = Buffer.concat([
    Buffer.from('0061736d01000000010401600000022401', 'hex'),
    Buffer.from('\u0016wasi_snapshot_preview1\u0009path_open'),
    Buffer.from('0000', 'hex'),
  ]);
  bytes[15] = bytes.length - 16;
  const module = new WebAssembly.Module(bytes);
  t.throws(
    () => {
      refuseForeignImports(module);
    },
    { message: /function wasi_snapshot_preview1\.path_open/ },
  );
});

test("a wasm that is not the manifest's is refused", async (t) => {
  const bytes = new Uint8Array(readFileSync(join(dist, readManifest().wasm)));
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await t.throwsAsync(compileModule(bytes, 'boa', readManifest().sha256), { message: /digest/ });
});

test('of a wasm that no manifest vouches for every function is checked', async (t) => {
  // (module (func (result i32))), which returns nothing
  const bytes = Buffer.from('0061736d0100000001050160' + '00017f03020100' + '0a040102000b', 'hex');
  const refused = { instanceOf: WebAssembly.CompileError };
  await t.throwsAsync(compileModule(new Uint8Array(bytes), 'other'), refused);
});

test('the manifest names the wasm, its sources and its toolchain', (t) => {
  const manifest = readManifest();
  t.is(manifest.sha256, sha256(readFileSync(join(dist, manifest.wasm))));
  t.true(sourceFiles().length > 20);
  t.is(manifest.sources, sourcesDigest(), 'run npm run build:interpreter');
  t.regex(manifest.toolchain['rustc'] ?? '', /^rustc \d/);
});

test('an instance that was granted no fuel cannot run', async (t) => {
  const { module } = await loadModule();
  const slot = createSlot(module);
  t.throws(
    () => {
      slot.exports.boot(0);
    },
    { instanceOf: WebAssembly.RuntimeError },
  );
  t.is(slot.exports['meter.trap'].value, 1);
});
