/** Unpacks bzip2 as it comes, one block at a time: node:zlib does not know it. Format: https://en.wikipedia.org/wiki/Bzip2#File_format */

/** The bytes are not bzip2, or not all of it. */
export class Bzip2Fault extends Error {
  override name = 'Bzip2Fault';
  readonly isForeign: boolean;

  constructor(message: string, isForeign = false) {
    super(message);
    this.isForeign = isForeign;
  }
}

const blockMagic = 0x314159265359;
const endMagic = 0x177245385090;
const blockStepBytes = 100_000;

/** The plain bytes of one or more streams, joined. A block is at most 900 kB. Throws Bzip2Fault. */
export async function* unpackBzip2(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const bits = new BitSource(source);
  let streams = 0;
  for (; await bits.more(); streams++) {
    if ((await bits.take(24)) !== 0x425a68) throw new Bzip2Fault('no stream begins here', streams === 0);
    const level = (await bits.take(8)) - 0x30;
    if (level < 1 || level > 9) throw new Bzip2Fault('the block size is unknown', streams === 0);
    let streamSum = 0;
    for (;;) {
      const magic = (await bits.take(24)) * 2 ** 24 + (await bits.take(24));
      const sum = await bits.take(32);
      if (magic === endMagic) {
        if (sum !== streamSum) throw new Bzip2Fault('the checksum of a stream is wrong');
        break;
      }
      if (magic !== blockMagic) throw new Bzip2Fault('no block begins here');
      const plain = await readBlock(bits, level * blockStepBytes);
      if (checksum(plain) !== sum) throw new Bzip2Fault('the checksum of a block is wrong');
      streamSum = ((streamSum << 1) | (streamSum >>> 31)) >>> 0;
      streamSum = (streamSum ^ sum) >>> 0;
      yield plain;
    }
    bits.align();
  }
  if (streams === 0) throw new Bzip2Fault('nothing is there', true);
}

/** Bits of a stream, the highest first. `reserve` waits until so many are at hand, so that the loops over symbols need not. */
class BitSource {
  readonly #source: AsyncIterator<Uint8Array>;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #held = 0;
  #count = 0;
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async more(): Promise<boolean> {
    await this.reserve(1);
    return this.#at < this.#bytes.length || this.#count > 0;
  }

  /** Holds so many bytes, or all that are left. */
  async reserve(bytes: number): Promise<void> {
    if (this.#bytes.length - this.#at >= bytes || this.#ended) return;
    const pieces = [this.#bytes.subarray(this.#at)];
    let length = pieces[0]!.length;
    while (length < bytes && !this.#ended) {
      const { value, done } = await this.#source.next();
      if (done) this.#ended = true;
      else {
        pieces.push(value);
        length += value.length;
      }
    }
    this.#bytes = Buffer.concat(pieces, length);
    this.#at = 0;
  }

  async take(count: number): Promise<number> {
    await this.reserve(8);
    return count === 32 ? this.read(16) * 65536 + this.read(16) : this.read(count);
  }

  /** At most 24 bits. */
  read(count: number): number {
    while (this.#count < count) {
      if (this.#at >= this.#bytes.length) throw new Bzip2Fault('the end is missing');
      this.#held = ((this.#held << 8) | this.#bytes[this.#at++]!) >>> 0;
      this.#count += 8;
    }
    this.#count -= count;
    return (this.#held >>> this.#count) & ((1 << count) - 1);
  }

  align(): void {
    this.#count -= this.#count % 8;
  }
}

/** No block takes more than its plain bytes and its tables. */
const slackBytes = 64 * 1024;

async function readBlock(bits: BitSource, blockBytes: number): Promise<Buffer> {
  await bits.reserve(blockBytes * 3 + slackBytes);
  if (bits.read(1) === 1) throw new Bzip2Fault('blocks of the old, randomised kind are not read');
  const origin = bits.read(24);
  const alphabet = readAlphabet(bits);
  const { selectors, tables } = readTables(bits, alphabet.length + 2);
  const block = readSymbols(bits, alphabet, selectors, tables, blockBytes);
  return expandRuns(invert(block.bytes, block.counts, origin));
}

/** The bytes that are met in the block, in their order. */
function readAlphabet(bits: BitSource): number[] {
  const ranges = bits.read(16);
  const alphabet: number[] = [];
  for (let high = 0; high < 16; high++) {
    if (((ranges >>> (15 - high)) & 1) === 0) continue;
    const used = bits.read(16);
    for (let low = 0; low < 16; low++) if (((used >>> (15 - low)) & 1) === 1) alphabet.push(high * 16 + low);
  }
  if (alphabet.length === 0) throw new Bzip2Fault('a block uses no byte');
  return alphabet;
}

/** A Huffman code: the first code and the first place of each length. */
type HuffmanTable = { readonly limits: Int32Array; readonly bases: Int32Array; readonly symbols: Uint16Array; readonly least: number };

const lengthMax = 20;

function readTables(bits: BitSource, symbols: number): { selectors: Uint8Array; tables: HuffmanTable[] } {
  const count = bits.read(3);
  const selectorCount = bits.read(15);
  if (count < 2 || count > 6 || selectorCount === 0) throw new Bzip2Fault('the tables of a block are wrong');
  const order = Array.from({ length: count }, (_, index) => index);
  const selectors = new Uint8Array(selectorCount);
  for (let index = 0; index < selectorCount; index++) {
    let place = 0;
    while (bits.read(1) === 1) if (++place >= count) throw new Bzip2Fault('a selector is wrong');
    const [table] = order.splice(place, 1);
    order.unshift(table!);
    selectors[index] = table!;
  }
  const tables = Array.from({ length: count }, () => {
    const lengths = new Uint8Array(symbols);
    let length = bits.read(5);
    for (let symbol = 0; symbol < symbols; symbol++) {
      while (bits.read(1) === 1) length += bits.read(1) === 0 ? 1 : -1;
      if (length < 1 || length > lengthMax) throw new Bzip2Fault('the length of a code is wrong');
      lengths[symbol] = length;
    }
    return tableOf(lengths);
  });
  return { selectors, tables };
}

function tableOf(lengths: Uint8Array): HuffmanTable {
  const counts = new Int32Array(lengthMax + 2);
  for (const length of lengths) counts[length]!++;
  const symbols = new Uint16Array(lengths.length);
  let place = 0;
  for (let length = 1; length <= lengthMax; length++)
    for (let symbol = 0; symbol < lengths.length; symbol++) if (lengths[symbol] === length) symbols[place++] = symbol;
  const limits = new Int32Array(lengthMax + 2).fill(-1);
  const bases = new Int32Array(lengthMax + 2);
  let code = 0;
  let first = 0;
  for (let length = 1; length <= lengthMax; length++) {
    bases[length] = first - code;
    code += counts[length]!;
    first += counts[length]!;
    if (counts[length]! > 0) limits[length] = code - 1;
    code <<= 1;
  }
  return { limits, bases, symbols, least: Math.min(...lengths) };
}

const groupSymbols = 50;

/** Undoes the Huffman codes, the runs of zeros and the moves to the front. */
function readSymbols(
  bits: BitSource,
  alphabet: readonly number[],
  selectors: Uint8Array,
  tables: readonly HuffmanTable[],
  bytesMax: number,
) {
  const front = Uint8Array.from(alphabet);
  const bytes = new Uint8Array(bytesMax);
  const counts = new Int32Array(256);
  const end = alphabet.length + 1;
  let [length, run, weight] = [0, 0, 1];
  for (let group = 0; ; group++) {
    if (group >= selectors.length) throw new Bzip2Fault('a block has no end');
    const table = tables[selectors[group]!]!;
    for (let at = 0; at < groupSymbols; at++) {
      const symbol = readSymbol(bits, table);
      if (symbol <= 1) {
        run += weight << symbol;
        weight <<= 1;
        if (length + run > bytesMax) throw new Bzip2Fault('a block is too long');
        continue;
      }
      if (run > 0) {
        bytes.fill(front[0]!, length, length + run);
        counts[front[0]!]! += run;
        length += run;
        [run, weight] = [0, 1];
      }
      if (symbol === end) return { bytes: bytes.subarray(0, length), counts };
      if (length >= bytesMax) throw new Bzip2Fault('a block is too long');
      const byte = front[symbol - 1]!;
      front.copyWithin(1, 0, symbol - 1);
      front[0] = byte;
      counts[byte]!++;
      bytes[length++] = byte;
    }
  }
}

function readSymbol(bits: BitSource, { limits, bases, symbols, least }: HuffmanTable): number {
  let code = bits.read(least);
  for (let length = least; length <= lengthMax; length++) {
    if (code <= limits[length]!) return symbols[code + bases[length]!]!;
    code = (code << 1) | bits.read(1);
  }
  throw new Bzip2Fault('a code is wrong');
}

/** Undoes the Burrows-Wheeler transform. */
function invert(bytes: Uint8Array, counts: Int32Array, origin: number): Uint8Array {
  if (origin >= bytes.length) throw new Bzip2Fault('the origin of a block is wrong');
  const starts = new Int32Array(256);
  for (let byte = 1; byte < 256; byte++) starts[byte] = starts[byte - 1]! + counts[byte - 1]!;
  const following = new Int32Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) following[starts[bytes[at]!]!++] = at;
  const plain = new Uint8Array(bytes.length);
  let at = following[origin]!;
  for (let index = 0; index < plain.length; index++) {
    plain[index] = bytes[at]!;
    at = following[at]!;
  }
  return plain;
}

/** Four bytes that are the same are followed by how many more there are. */
function expandRuns(packed: Uint8Array): Buffer {
  const plain = Buffer.allocUnsafe(expandedLength(packed));
  let [at, last, same] = [0, -1, 0];
  for (const byte of packed) {
    if (same === 4) {
      plain.fill(last, at, at + byte);
      at += byte;
      [last, same] = [-1, 0];
      continue;
    }
    same = byte === last ? same + 1 : 1;
    last = byte;
    plain[at++] = byte;
  }
  return plain;
}

function expandedLength(packed: Uint8Array): number {
  let [length, last, same] = [0, -1, 0];
  for (const byte of packed) {
    if (same === 4) {
      length += byte;
      [last, same] = [-1, 0];
      continue;
    }
    same = byte === last ? same + 1 : 1;
    last = byte;
    length++;
  }
  return length;
}

let crcTable: Int32Array | undefined;

/** The CRC of bzip2 takes the bits the other way round than the one of zlib. */
function checksum(bytes: Uint8Array): number {
  crcTable ??= Int32Array.from({ length: 256 }, (_, index) => {
    let value = index << 24;
    for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
    return value;
  });
  let sum = -1;
  for (const byte of bytes) sum = (sum << 8) ^ crcTable[((sum >>> 24) ^ byte) & 0xff]!;
  return ~sum >>> 0;
}
