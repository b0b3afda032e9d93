/** ECDSA over a digest (FIPS 186-5). The points of secret numbers are multiplied by OpenSSL; what is computed here in the open is public. */

import { createECDH, type KeyObject } from 'node:crypto';
import type { Random } from '../../../framework/random.ts';

type Curve = { name: string; p: bigint; a: bigint; n: bigint; bytes: number };

/** By OpenSSL's name. */
const curves: Readonly<Record<string, Curve>> = {
  prime256v1: curve(
    'prime256v1',
    2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    -3n,
    0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ),
  secp384r1: curve(
    'secp384r1',
    2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    -3n,
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ),
  secp521r1: curve(
    'secp521r1',
    2n ** 521n - 1n,
    -3n,
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  ),
  secp256k1: curve('secp256k1', 2n ** 256n - 2n ** 32n - 977n, 0n, 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n),
};

function curve(name: string, p: bigint, a: bigint, n: bigint): Curve {
  return { name, p, a, n, bytes: Math.ceil(p.toString(16).length / 2) };
}

const curveOf = (key: KeyObject): Curve => curves[key.asymmetricKeyDetails!.namedCurve!]!;

/** In DER, as AWS gives it. */
export function signEcdsa(key: KeyObject, digest: Uint8Array, random: Random): Buffer {
  const c = curveOf(key);
  const secret = number(Buffer.from(key.export({ format: 'jwk' }).d!, 'base64url'));
  const e = digestNumber(digest, c.n);
  for (;;) {
    const k = secretNumber(c, random);
    const r = mod(pointOf(c, k).x, c.n);
    // A random factor hides what the arithmetic takes its time for.
    const blind = secretNumber(c, random);
    const s = mod(inverse(mod(k * blind, c.n), c.n) * mod(blind * e + mod(blind * secret, c.n) * r, c.n), c.n);
    if (r !== 0n && s !== 0n) return der(r, s);
  }
}

export function verifyEcdsa(key: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
  const c = curveOf(key);
  const parsed = readDer(Buffer.from(signature));
  if (!parsed) return false;
  const [r, s] = parsed;
  if (r <= 0n || r >= c.n || s <= 0n || s >= c.n) return false;
  const { x, y } = key.export({ format: 'jwk' });
  const q: Point = { x: number(Buffer.from(x!, 'base64url')), y: number(Buffer.from(y!, 'base64url')) };
  const w = inverse(s, c.n);
  const u1 = mod(digestNumber(digest, c.n) * w, c.n);
  const first = u1 === 0n ? undefined : pointOf(c, u1);
  const sum = add(c, first, multiply(c, q, mod(r * w, c.n)));
  return sum !== undefined && mod(sum.x, c.n) === r;
}

/** The leftmost bits of the digest, as many as the order has. */
function digestNumber(digest: Uint8Array, n: bigint): bigint {
  const excess = BigInt(Math.max(0, digest.length * 8 - n.toString(2).length));
  return number(digest) >> excess;
}

/** Evenly drawn from 1 to n - 1. */
function secretNumber({ n }: Curve, random: Random): bigint {
  return mod(number(random.bytes(Math.ceil(n.toString(16).length / 2) + 16)), n - 1n) + 1n;
}

/** k times the base point, by OpenSSL. */
function pointOf(c: Curve, k: bigint): Point {
  const ecdh = createECDH(c.name);
  ecdh.setPrivateKey(Buffer.from(k.toString(16).padStart(c.bytes * 2, '0'), 'hex'));
  const bytes = ecdh.getPublicKey();
  return { x: number(bytes.subarray(1, 1 + c.bytes)), y: number(bytes.subarray(1 + c.bytes)) };
}

/** Absent means the point at infinity. */
type Point = { x: bigint; y: bigint };

function add(c: Curve, a: Point | undefined, b: Point | undefined): Point | undefined {
  if (!a || !b) return a ?? b;
  const same = a.x === b.x;
  if (same && mod(a.y + b.y, c.p) === 0n) return undefined;
  const slope = same ? (3n * a.x * a.x + c.a) * inverse(2n * a.y, c.p) : (b.y - a.y) * inverse(b.x - a.x, c.p);
  const x = mod(slope * slope - a.x - b.x, c.p);
  return { x, y: mod(slope * (a.x - x) - a.y, c.p) };
}

function multiply(c: Curve, point: Point, by: bigint): Point | undefined {
  let sum: Point | undefined;
  for (const bit of by.toString(2)) {
    sum = add(c, sum, sum);
    if (bit === '1') sum = add(c, sum, point);
  }
  return sum;
}

function mod(a: bigint, m: bigint): bigint {
  const rest = a % m;
  return rest < 0n ? rest + m : rest;
}

function inverse(a: bigint, m: bigint): bigint {
  let [r, next] = [m, mod(a, m)];
  let [t, nextT] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [t, nextT] = [nextT, t - quotient * nextT];
  }
  return mod(t, m);
}

function number(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex') || '0'}`);
}

function der(r: bigint, s: bigint): Buffer {
  const body = Buffer.concat([integer(r), integer(s)]);
  return Buffer.concat([Buffer.from(body.length < 128 ? [0x30, body.length] : [0x30, 0x81, body.length]), body]);
}

function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  const positive = bytes[0]! < 128 ? bytes : Buffer.concat([Buffer.of(0), bytes]);
  return Buffer.concat([Buffer.of(2, positive.length), positive]);
}

/** Only the one form that DER allows: what is read is written again and compared. */
function readDer(bytes: Buffer): [bigint, bigint] | undefined {
  const start = bytes[1] === 0x81 ? 3 : 2;
  const length = bytes[start + 1] ?? 0;
  const second = start + 2 + length;
  const r = number(bytes.subarray(start + 2, second));
  const s = number(bytes.subarray(second + 2));
  return der(r, s).equals(bytes) ? [r, s] : undefined;
}
