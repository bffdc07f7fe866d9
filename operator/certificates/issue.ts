// Certificates of one pool: an authority that signs two leaves and is forgotten at once. Nobody can
// sign a third, so a stolen Secret gives one role of one pool, never another.

import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { webcrypto } from 'node:crypto';
import { certificateLimits } from '../../contract/limits.ts';
import { routerIdentity, runtimeServerName } from '../../contract/pool/names.ts';

x509.cryptoProvider.set(webcrypto as Crypto);

/** As in a Secret of type kubernetes.io/tls, in PEM. */
export interface Leaf {
  readonly cert: string;
  readonly key: string;
}

export interface Issued {
  /** The authority's certificate. */
  readonly ca: string;
  readonly router: Leaf;
  readonly runtime: Leaf;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

const clientUse = '1.3.6.1.5.5.7.3.2';
const serverUse = '1.3.6.1.5.5.7.3.1';

/** PEM with its last line ended: certificates are put together to a bundle. */
const pem = (certificate: x509.X509Certificate): string =>
  `${certificate.toString('pem').trim()}\n`;

const newKeys = () =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<CryptoKeyPair>;

const validityAt = (now: number) => ({
  notBefore: new Date(now - certificateLimits.backdateMs),
  notAfter: new Date(now + certificateLimits.validMs),
});

interface Signer {
  readonly keys: CryptoKeyPair;
  readonly name: string;
  readonly now: number;
}

const sign = async (
  { keys, name, now }: Signer,
  subject: string,
  use: string,
  alternative: { readonly type: 'url' | 'dns'; readonly value: string },
): Promise<Leaf> => {
  const own = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [subject] }],
    issuer: name,
    ...validityAt(now),
    publicKey: own.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([use], true),
      new x509.SubjectAlternativeNameExtension([alternative]),
    ],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', own.privateKey);
  return {
    cert: pem(certificate),
    key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
  };
};

/** A new authority and a leaf for each role. */
export const issue = async (pool: string, namespace: string, now: number): Promise<Issued> => {
  const keys = await newKeys();
  const name = `CN=${pool}.${namespace} ${new Date(now).toISOString()}`;
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    ...validityAt(now),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const signer = { keys, name, now };
  const identity = { type: 'url', value: routerIdentity(pool, namespace) } as const;
  const server = { type: 'dns', value: runtimeServerName(pool, namespace) } as const;
  return {
    ca: pem(authority),
    router: await sign(signer, 'router', clientUse, identity),
    runtime: await sign(signer, 'runtime', serverUse, server),
  };
};
