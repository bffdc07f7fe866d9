// A runtime that must be in gVisor finds out whether it is.

import test from 'ava';
import { refuseOutsideGvisor } from '../../cli/gvisor.ts';

test("gVisor's kernel is taken, any other is named", (t) => {
  t.notThrows(() => {
    refuseOutsideGvisor('4.19.0-gvisor');
  });
  t.throws(
    () => {
      refuseOutsideGvisor('6.1.0-18-amd64');
    },
    { message: /NOT_IN_GVISOR: the kernel here is 6\.1\.0-18-amd64/ },
  );
});
