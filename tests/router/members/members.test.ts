// EndpointSlices -> members: absent words count as the API says, and a probe that failed once forks
// no sandbox.

import test from 'ava';
import { routerLimits } from '../../../contract/limits.ts';
import { membersOf, type EndpointSlice } from '../../../router/members/members.ts';

interface Conditions {
  readonly ready?: boolean | null;
  readonly terminating?: boolean | null;
}

const endpoint = (uid: string, address: string, conditions?: Conditions) => ({
  addresses: [address],
  targetRef: { uid },
  ...(conditions ? { conditions } : {}),
});

const slice = (...endpoints: readonly ReturnType<typeof endpoint>[]): EndpointSlice => ({
  metadata: { name: 'slice' },
  addressType: 'IPv4',
  ports: [{ name: 'execute', port: 8443 }],
  endpoints,
});

const idsOf = (slices: readonly EndpointSlice[]) =>
  membersOf(slices, [], 0).map(({ member }) => member.id);

test('a ready that is absent or null counts as true', (t) => {
  const found = membersOf([slice(endpoint('a', '10.0.0.1'))], [], 0);
  t.deepEqual(found, [
    { member: { id: 'a', url: 'https://10.0.0.1:8443' }, unreadySince: undefined },
  ]);
  t.deepEqual(idsOf([slice(endpoint('a', '1.1.1.1', { ready: null }))]), ['a']);
});

test('a slice without ports or endpoints has no members, absent or null', (t) => {
  for (const nothing of [null, undefined, []]) {
    const { ports, ...rest } = slice(endpoint('a', '1.1.1.1'));
    t.deepEqual(idsOf([{ ...rest, ...(nothing === undefined ? {} : { ports: nothing }) }]), []);
    const { endpoints, ...more } = slice(endpoint('a', '1.1.1.1'));
    t.deepEqual(idsOf([{ ...more, ...(nothing === undefined ? {} : { endpoints: nothing }) }]), []);
    t.is(endpoints?.length, ports?.length);
  }
});

test('one that is going is none, even while it is ready; nor is one that never was', (t) => {
  t.deepEqual(idsOf([slice(endpoint('a', '1.1.1.1', { ready: true, terminating: true }))]), []);
  t.deepEqual(idsOf([slice(endpoint('a', '1.1.1.1', { ready: false }))]), []);
});

test('a pod in two slices is one member, and going wins', (t) => {
  const ready = endpoint('a', '1.1.1.1', { ready: true });
  t.deepEqual(idsOf([slice(ready), slice(ready)]), ['a']);
  t.deepEqual(idsOf([slice(endpoint('a', '1.1.1.1', { ready: false })), slice(ready)]), ['a']);
  const going = endpoint('a', '1.1.1.1', { terminating: true });
  t.deepEqual(idsOf([slice(going), slice(ready)]), []);
});

test('a member that turns not ready stays for its grace, then leaves, and comes back', (t) => {
  const ready = [slice(endpoint('a', '1.1.1.1', { ready: true }))];
  const unready = [slice(endpoint('a', '1.1.1.1', { ready: false }))];
  const grace = routerLimits.unreadyGraceMs;
  const first = membersOf(unready, membersOf(ready, [], 0), 1000);
  t.is(first[0]?.unreadySince, 1000);
  const later = membersOf(unready, first, 1000 + grace - 1);
  t.is(later[0]?.unreadySince, 1000);
  t.deepEqual(membersOf(unready, later, 1000 + grace), []);
  t.is(membersOf(ready, later, 1000 + grace)[0]?.unreadySince, undefined);
});

test('an IPv6 address is written in brackets; a slice without a port has no members', (t) => {
  t.is(
    membersOf([slice(endpoint('a', 'fd00::1'))], [], 0)[0]?.member.url,
    'https://[fd00::1]:8443',
  );
  t.deepEqual(idsOf([{ ...slice(endpoint('a', '1.1.1.1')), ports: [] }]), []);
});
