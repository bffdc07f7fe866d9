// The Rust tests, on the crates as they are built: Boa's with our patches, in a staged workspace.

import { join } from 'node:path';
import { cacheFolder } from './interpreter/build.ts';
import { run } from './interpreter/run.ts';
import { layOut } from './interpreter/stage.ts';

const work = join(cacheFolder, 'rust-tests');
const stage = join(work, 'stage');

layOut(stage);
run('cargo', ['test', '--workspace'], {
  cwd: stage,
  env: { CARGO_TARGET_DIR: join(work, 'target'), RUSTFLAGS: '--cfg paddock_patched' },
});
