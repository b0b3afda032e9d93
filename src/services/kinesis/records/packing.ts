/** The bytes of records in a blob: for each the length of its key and of its data, then both. */

export type PackedRecord = { key: string; data: Uint8Array };

export const headBytes = 8;

/** One run after another in one buffer, and where each of them ends. */
export function pack(groups: readonly (readonly PackedRecord[])[]): { bytes: Buffer; ends: number[] } {
  let size = 0;
  for (const records of groups) for (const { key, data } of records) size += headBytes + Buffer.byteLength(key) + data.length;
  const bytes = Buffer.allocUnsafe(size);
  const ends: number[] = [];
  let at = 0;
  for (const records of groups) ends.push((at = write(bytes, at, records)));
  return { bytes, ends };
}

/** Writes one run, and gives where it ends. */
export function write(bytes: Buffer, from: number, records: readonly PackedRecord[]): number {
  let at = from;
  for (const { key, data } of records) {
    const keyBytes = bytes.write(key, at + headBytes);
    bytes.writeUInt32BE(keyBytes, at);
    bytes.writeUInt32BE(data.length, at + 4);
    at += headBytes + keyBytes;
    bytes.set(data, at);
    at += data.length;
  }
  return at;
}

/** The records of one run, in their order. Their data are views of the bytes given. */
export function unpack(bytes: Buffer): PackedRecord[] {
  const records: PackedRecord[] = [];
  for (let at = 0; at < bytes.length;) {
    const keyEnd = at + headBytes + bytes.readUInt32BE(at);
    const dataEnd = keyEnd + bytes.readUInt32BE(at + 4);
    records.push({ key: bytes.toString('utf8', at + headBytes, keyEnd), data: bytes.subarray(keyEnd, dataEnd) });
    at = dataEnd;
  }
  return records;
}
