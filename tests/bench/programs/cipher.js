// A block cipher (XTEA, by its published definition) in counter mode over a text, and modular
// powers on numbers of many digits in two notations, which must agree: integer arithmetic and
// shifts.
(() => {
  'use strict';

  const DELTA = 0x9e3779b9;

  function encryptBlock(v0, v1, key) {
    let sum = 0;
    for (let round = 0; round < 32; round++) {
      v0 = (v0 + ((((v1 << 4) ^ (v1 >>> 5)) + v1) ^ (sum + key[sum & 3]))) | 0;
      sum = (sum + DELTA) | 0;
      v1 = (v1 + ((((v0 << 4) ^ (v0 >>> 5)) + v0) ^ (sum + key[(sum >>> 11) & 3]))) | 0;
    }
    return [v0, v1];
  }

  function counterMode(bytes, key) {
    const out = new Uint8Array(bytes.length);
    for (let at = 0; at < bytes.length; at += 8) {
      const [v0, v1] = encryptBlock(at, ~at, key);
      for (let i = 0; i < 8 && at + i < bytes.length; i++) {
        out[at + i] = bytes[at + i] ^ ((i < 4 ? v0 : v1) >>> (8 * (i & 3)));
      }
    }
    return out;
  }

  const BASE_BITS = 14;
  const BASE = 1 << BASE_BITS;

  const digitsOf = (big) => {
    const digits = [];
    for (; big > 0n; big >>= BigInt(BASE_BITS)) digits.push(Number(big & BigInt(BASE - 1)));
    return digits;
  };
  const bigOf = (digits) =>
    digits.reduceRight((big, d) => (big << BigInt(BASE_BITS)) | BigInt(d), 0n);

  /** Montgomery product of two numbers below an odd modulus of n digits. */
  function montgomery(a, b, modulus, inverse) {
    const n = modulus.length;
    const t = new Array(n + 2).fill(0);
    for (let i = 0; i < n; i++) {
      let carry = 0;
      const ai = a[i] ?? 0;
      for (let j = 0; j < n; j++) {
        const sum = t[j] + ai * (b[j] ?? 0) + carry;
        t[j] = sum & (BASE - 1);
        carry = sum >>> BASE_BITS;
      }
      let top = t[n] + carry;
      t[n] = top & (BASE - 1);
      t[n + 1] = top >>> BASE_BITS;
      const m = (t[0] * inverse) & (BASE - 1);
      carry = (t[0] + m * modulus[0]) >>> BASE_BITS;
      for (let j = 1; j < n; j++) {
        const sum = t[j] + m * modulus[j] + carry;
        t[j - 1] = sum & (BASE - 1);
        carry = sum >>> BASE_BITS;
      }
      top = t[n] + carry;
      t[n - 1] = top & (BASE - 1);
      t[n] = t[n + 1] + (top >>> BASE_BITS);
    }
    return subtractOnce(t, modulus);
  }

  function subtractOnce(t, modulus) {
    const n = modulus.length;
    let borrow = 0;
    const out = new Array(n);
    for (let j = 0; j < n; j++) {
      const difference = t[j] - modulus[j] - borrow;
      borrow = difference < 0 ? 1 : 0;
      out[j] = difference & (BASE - 1);
    }
    return t[n] < borrow ? t.slice(0, n) : out;
  }

  const modulus = (1n << 255n) - 19n;
  const base = 0x1234567890abcdefn ** 3n % modulus;
  const exponent = 0xfedcba9876543210fedcbn;

  function powerByDigits() {
    const m = digitsOf(modulus);
    let inverse = 1;
    for (let i = 0; i < 4; i++) inverse = (inverse * (2 - m[0] * inverse)) & (BASE - 1);
    inverse = (BASE - inverse) & (BASE - 1);
    const r = 1n << BigInt(BASE_BITS * m.length);
    const step = digitsOf((base * r) % modulus);
    let power = digitsOf(r % modulus);
    for (const bit of exponent.toString(2)) {
      power = montgomery(power, power, m, inverse);
      if (bit === '1') power = montgomery(power, step, m, inverse);
    }
    return bigOf(montgomery(power, [1], m, inverse));
  }

  function powerByBigInt() {
    let power = 1n;
    for (const bit of exponent.toString(2)) {
      power = (power * power) % modulus;
      if (bit === '1') power = (power * base) % modulus;
    }
    return power;
  }

  const key = new Int32Array([0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f]);
  const [v0, v1] = encryptBlock(0x41424344, 0x45464748, key);
  // The published test vector of XTEA.
  if (v0 >>> 0 !== 0x497df3d0 || v1 >>> 0 !== 0x72612cb5) throw new Error('cipher: XTEA is wrong');
  const text = Uint8Array.from({ length: 1500 }, (_, i) => (i * 7) & 255);
  const secret = counterMode(text, key);
  const open = counterMode(secret, key);
  if (open.some((byte, i) => byte !== text[i])) throw new Error('cipher: decryption is wrong');
  const power = powerByDigits();
  if (power !== powerByBigInt()) throw new Error('cipher: the modular powers differ');
  const checksum = secret.reduce((sum, byte) => (sum * 31 + byte) % 1000003, Number(power % 997n));
  if (checksum !== 923223) throw new Error(`cipher: wrong checksum ${checksum}`);
  return checksum;
})();
