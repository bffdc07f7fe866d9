// The insecure attempt that the command line is compared with: one script in a node:vm context.

import vm from 'node:vm';

vm.runInNewContext(process.argv[2] ?? '', { console });
