// One process of the start-up measurement: opens one contender, evaluates `1+1` and says so at
// once.

import { openContender } from './contenders/index.ts';

const contender = await openContender(process.argv[2] ?? '');
const sandbox = await contender.open();
process.stdout.write(`${String(await sandbox.evaluate('1+1'))}\n`);
sandbox.dispose();
await contender.close();
