// Whether this process runs in gVisor, by the kernel that it sees. A RuntimeClass may be called
// gvisor and start plain containers: the pool that wants the wall must find out that it is missing.

/** Word that the operator looks for in the last words of a pod; see operator/status/causes.ts. */
const marker = 'NOT_IN_GVISOR';

/** @param release of the kernel, as `uname -r` prints it. Throws where it is not gVisor's. */
export const refuseOutsideGvisor = (release: string): void => {
  if (release.toLowerCase().includes('gvisor')) return;
  throw new Error(
    `${marker}: the kernel here is ${release}, which is not gVisor's; the RuntimeClass of this ` +
      'pod does not start gVisor',
  );
};
