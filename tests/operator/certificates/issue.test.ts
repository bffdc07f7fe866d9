// What a pool's certificates are good for, and what not.

import 'reflect-metadata';
import test from 'ava';
import { X509Certificate } from 'node:crypto';
import { certificateLimits } from '../../../contract/limits.ts';
import { routerIdentity, runtimeServerName } from '../../../contract/pool/names.ts';
import { issue } from '../../../operator/certificates/issue.ts';

const now = Date.now();

test('each leaf is signed by the authority, for one use and one name', async (t) => {
  const { ca, router, runtime } = await issue('plugins', 'shop', now);
  const authority = new X509Certificate(ca);
  const [client, server] = [new X509Certificate(router.cert), new X509Certificate(runtime.cert)];
  t.true(authority.ca);
  for (const leaf of [client, server]) {
    t.false(leaf.ca);
    t.true(leaf.checkIssued(authority) && leaf.verify(authority.publicKey));
  }
  t.deepEqual(client.keyUsage, ['1.3.6.1.5.5.7.3.2']);
  t.deepEqual(server.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  t.is(client.subjectAltName, `URI:${routerIdentity('plugins', 'shop')}`);
  t.is(server.subjectAltName, `DNS:${runtimeServerName('plugins', 'shop')}`);
});

test('no two issues share an authority', async (t) => {
  const [one, other] = [await issue('a', 'b', now), await issue('a', 'b', now)];
  const leaf = new X509Certificate(one.router.cert);
  t.false(leaf.verify(new X509Certificate(other.ca).publicKey));
});

test('they end when they should, and bundles can be made of them', async (t) => {
  const { ca, router } = await issue('a', 'b', now);
  const ends = Date.parse(new X509Certificate(router.cert).validTo);
  t.true(Math.abs(ends - now - certificateLimits.validMs) < 2_000);
  t.true(ca.endsWith('-----END CERTIFICATE-----\n'));
  t.true(router.cert.endsWith('\n'));
});
