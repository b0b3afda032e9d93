/** Values as CBOR bytes (RFC 8949), written into one growing buffer. */

const INITIAL_BYTES = 16 * 1024;
/** A buffer that grew beyond this is not kept for the next reply. */
const KEPT_BYTES = 1024 * 1024;

let buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
let length = 0;

/** Runs `write`, which calls the functions below, and returns what they wrote. Not to be nested. */
export function encodeCbor(write: () => void): Buffer {
  length = 0;
  try {
    write();
    return Buffer.from(buffer.subarray(0, length));
  } finally {
    if (buffer.length > KEPT_BYTES) buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  }
}

export function writeText(text: string): void {
  // A UTF-16 unit takes three bytes at most.
  const most = text.length * 3;
  reserve(most + 9);
  if (most < 24) {
    const written = buffer.write(text, length + 1, 'utf8');
    buffer[length] = 0x60 | written;
    length += 1 + written;
    return;
  }
  writeHead(3, Buffer.byteLength(text));
  length += buffer.write(text, length, 'utf8');
}

export function writeBytes(bytes: Uint8Array): void {
  writeHead(2, bytes.length);
  reserve(bytes.length);
  buffer.set(bytes, length);
  length += bytes.length;
}

export function writeNumber(value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    if (value >= 0) writeHead(0, value);
    else writeHead(1, -1 - value);
    return;
  }
  reserve(9);
  buffer[length] = 0xfb;
  buffer.writeDoubleBE(value, length + 1);
  length += 9;
}

export function writeBigint(value: bigint): void {
  if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return writeNumber(Number(value));
  const magnitude = value < 0n ? -1n - value : value;
  if (magnitude < 1n << 64n) {
    reserve(9);
    buffer[length] = value < 0n ? 0x3b : 0x1b;
    buffer.writeBigUInt64BE(magnitude, length + 1);
    length += 9;
    return;
  }
  const hex = magnitude.toString(16);
  writeHead(6, value < 0n ? 3 : 2);
  writeBytes(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
}

export function writeBoolean(value: boolean): void {
  reserve(1);
  buffer[length++] = value ? 0xf5 : 0xf4;
}

export function writeNull(): void {
  reserve(1);
  buffer[length++] = 0xf6;
}

export function writeTimestamp(date: Date): void {
  writeHead(6, 1);
  writeNumber(date.getTime() / 1000);
}

export function writeArrayHead(items: number): void {
  writeHead(4, items);
}

export function writeMapHead(entries: number): void {
  writeHead(5, entries);
}

/** Any value by its own type, for documents. */
export function writeAny(value: unknown): void {
  switch (typeof value) {
    case 'string':
      return writeText(value);
    case 'number':
      return writeNumber(value);
    case 'bigint':
      return writeBigint(value);
    case 'boolean':
      return writeBoolean(value);
    case 'object':
      return writeObject(value);
    default:
      return writeNull();
  }
}

function writeObject(value: object | null): void {
  if (value === null) return writeNull();
  if (value instanceof Date) return writeTimestamp(value);
  if (value instanceof Uint8Array) return writeBytes(value);
  if (Array.isArray(value)) {
    writeArrayHead(value.length);
    for (const item of value) writeAny(item);
    return;
  }
  const entries = Object.entries(value).filter(([, held]) => held !== undefined);
  writeMapHead(entries.length);
  for (const [key, held] of entries) {
    writeText(key);
    writeAny(held);
  }
}

function writeHead(type: number, argument: number): void {
  reserve(9);
  const major = type << 5;
  if (argument < 24) buffer[length++] = major | argument;
  else if (argument < 0x100) {
    buffer[length] = major | 24;
    buffer[length + 1] = argument;
    length += 2;
  } else if (argument < 0x10000) {
    buffer[length] = major | 25;
    buffer.writeUInt16BE(argument, length + 1);
    length += 3;
  } else if (argument < 0x100000000) {
    buffer[length] = major | 26;
    buffer.writeUInt32BE(argument, length + 1);
    length += 5;
  } else {
    buffer[length] = major | 27;
    buffer.writeBigUInt64BE(BigInt(argument), length + 1);
    length += 9;
  }
}

function reserve(bytes: number): void {
  if (length + bytes <= buffer.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, length + bytes));
  buffer.copy(larger, 0, 0, length);
  buffer = larger;
}
