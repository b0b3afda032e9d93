/** What stands before every blob in a segment: for compaction, and for those who must read a segment without its index. */

export const headerBytes = 16;
const magic = 0x48614e55;

export function writeHeader(header: Buffer, length: number, crc: number, seconds: number): void {
  header.writeUInt32BE(magic, 0);
  header.writeUInt32BE(length, 4);
  header.writeUInt32BE(crc, 8);
  header.writeUInt32BE(seconds, 12);
}

export function verifyHeader(header: Buffer, length: number, crc: number): boolean {
  return header.readUInt32BE(0) === magic && header.readUInt32BE(4) === length && header.readUInt32BE(8) === crc;
}
