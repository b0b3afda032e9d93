/** The QR code of a virtual MFA device's seed, as the PNG that CreateVirtualMFADevice answers with. */

import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';
import { encode } from 'uqr';

const compress = promisify(deflate);
const pixelsPerModule = 4;

/** A black and white PNG of the text. */
export async function qrCodePng(text: string): Promise<Buffer> {
  const { data, size } = encode(text, { ecc: 'M', border: 4 });
  const side = size * pixelsPerModule;
  const rows = data.flatMap((modules) => Array<Buffer>(pixelsPerModule).fill(rowOf(modules)));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 8; // bits a pixel; the colour type 0 is greyscale
  const pixels = await compress(Buffer.concat(rows));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** One row of pixels: a filter byte (none), then a byte for each pixel. */
function rowOf(modules: readonly boolean[]): Buffer {
  const row = Buffer.alloc(1 + modules.length * pixelsPerModule);
  modules.forEach((dark, i) => row.fill(dark ? 0 : 255, 1 + i * pixelsPerModule, 1 + (i + 1) * pixelsPerModule));
  return row;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
