/** The bytes of records in a blob: for each its length and its data. */

const headBytes = 4;

export function pack(records: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.allocUnsafe(records.reduce((sum, data) => sum + headBytes + data.length, 0));
  let at = 0;
  for (const data of records) {
    bytes.writeUInt32BE(data.length, at);
    bytes.set(data, at + headBytes);
    at += headBytes + data.length;
  }
  return bytes;
}

/** The records of a blob, in their order, as views of it. */
export function unpack(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + headBytes + bytes.readUInt32BE(at);
    records.push(bytes.subarray(at + headBytes, end));
    at = end;
  }
  return records;
}
