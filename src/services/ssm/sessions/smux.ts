/** Several connections over one stream, as session manager plugin and agent share it: smux, version 1. Integers are little-endian. */

/** https://github.com/xtaci/smux, whose source is where this form is written down. */
export const commands = { open: 0, end: 1, data: 2, keepAlive: 3 } as const;

const headerBytes = 8;
const version = 1;
/** What one frame may carry. */
export const frameBytesMax = 32_768;

export type Frame = { command: number; stream: number; data: Buffer };

const noData: Buffer = Buffer.alloc(0);

export function encodeFrame(command: number, stream: number, data: Buffer = noData): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(version, 0);
  header.writeUInt8(command, 1);
  header.writeUInt16LE(data.length, 2);
  header.writeUInt32LE(stream, 4);
  return Buffer.concat([header, data]);
}

/** Takes bytes as they come and gives the frames that are whole. Throws RangeError for what is no frame of this version. */
export function frameReader(): (bytes: Buffer) => Frame[] {
  let held = noData;
  return (bytes) => {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    const frames: Frame[] = [];
    let at = 0;
    while (held.length - at >= headerBytes) {
      const length = held.readUInt16LE(at + 2);
      const command = held.readUInt8(at + 1);
      if (held.readUInt8(at) !== version || command > commands.keepAlive) throw new RangeError('no frame of smux 1');
      const end = at + headerBytes + length;
      if (held.length < end) break;
      frames.push({ command, stream: held.readUInt32LE(at + 4), data: held.subarray(at + headerBytes, end) });
      at = end;
    }
    held = Buffer.from(held.subarray(at));
    return frames;
  };
}
