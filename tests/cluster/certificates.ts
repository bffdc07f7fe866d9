// The certificates of a test cluster: one authority, and a leaf for each program or person.

import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { generateKeyPairSync, webcrypto } from 'node:crypto';

x509.cryptoProvider.set(webcrypto as Crypto);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 24 * 60 * 60 * 1000;
const uses = { client: '1.3.6.1.5.5.7.3.2', server: '1.3.6.1.5.5.7.3.1' } as const;

export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority {
  readonly certificate: string;
  readonly key: string;
  readonly issue: (leaf: Leaf) => Promise<KeyPair>;
}

export interface Leaf {
  readonly user: string;
  readonly groups?: readonly string[];
  readonly use: keyof typeof uses;
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
}

const keys = () =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<CryptoKeyPair>;

const pemOf = async (key: CryptoKey): Promise<string> =>
  x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');

const validity = () => ({
  notBefore: new Date(Date.now() - day),
  notAfter: new Date(Date.now() + 3650 * day),
});

const nameOf = ({ user, groups = [] }: Leaf): x509.JsonName => [
  ...groups.map((group) => ({ O: [group] })),
  { CN: [user] },
];

const issue = async (authority: CryptoKeyPair, issuer: string, leaf: Leaf): Promise<KeyPair> => {
  const own = await keys();
  const names = [
    ...(leaf.dns ?? []).map((value) => ({ type: 'dns', value }) as const),
    ...(leaf.ip ?? []).map((value) => ({ type: 'ip', value }) as const),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    subject: nameOf(leaf),
    issuer,
    ...validity(),
    publicKey: own.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([uses[leaf.use]]),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await pemOf(own.privateKey) };
};

export const createAuthority = async (): Promise<Authority> => {
  const own = await keys();
  const issuer = 'CN=paddock-test';
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: issuer,
    ...validity(),
    keys: own,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign |
          x509.KeyUsageFlags.cRLSign |
          x509.KeyUsageFlags.digitalSignature,
        true,
      ),
    ],
  });
  return {
    certificate: certificate.toString('pem'),
    key: await pemOf(own.privateKey),
    issue: (leaf) => issue(own, issuer, leaf),
  };
};

/** The pair that ServiceAccount tokens are signed with. */
export const tokenKeys = (): { readonly publicKey: string; readonly privateKey: string } =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });

/** A kubeconfig for whoever holds the pair. JSON is YAML. */
export const kubeconfigOf = (server: string, authority: string, user: KeyPair): string => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'test', cluster: { server, 'certificate-authority-data': base64(authority) } },
    ],
    users: [
      {
        name: 'user',
        user: {
          'client-certificate-data': base64(user.certificate),
          'client-key-data': base64(user.key),
        },
      },
    ],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'user' } }],
    'current-context': 'test',
  });
};
