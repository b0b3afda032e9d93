/** Disk formats in name only, for tests: a file is its format's name in four bytes, and the disk after it. An OVA is JSON. */

import { DiskRefused, type DiskFormat, type DiskFormats } from '../../framework/disk-formats.ts';
import type { SimulatedDisks } from './disks.ts';

const headBytes = 4;

/** A disk that has a system begins with this. */
export const simulatedSystem = 'system';

/** The bytes of a file in a format. */
export const simulatedFile = (format: DiskFormat, disk: Uint8Array): Buffer =>
  format === 'raw' ? Buffer.from(disk) : Buffer.concat([Buffer.from(format.padEnd(headBytes).slice(0, headBytes)), disk]);

/** An OVA of these disks. */
export const simulatedOva = (...disks: readonly Uint8Array[]): Buffer =>
  Buffer.from(JSON.stringify(disks.map((disk) => simulatedFile('vmdk', disk).toString('base64'))));

export function simulatedDiskFormats(disks: SimulatedDisks): DiskFormats {
  const sizeOf = async (id: string): Promise<number> => (await disks.state(id))!.bytes;
  /** Without the zeros at its end. */
  const all = async (id: string): Promise<Buffer> =>
    disks.read(id, 0, Math.min(await sizeOf(id), (await disks.extents(id)).at(-1)?.end ?? 0));
  const put = async (id: string, bytes: Uint8Array, size = bytes.length): Promise<void> => {
    await disks.delete(id);
    await disks.create(id, { bytes: size });
    await disks.write(id, 0, bytes);
  };
  return {
    obstacle: async () => undefined,
    async unpack(file, format, disk, bytesMax) {
      const bytes = await all(file);
      const head = format === 'raw' ? '' : format.padEnd(headBytes).slice(0, headBytes);
      if (bytes.toString('latin1', 0, head.length) !== head) throw new DiskRefused(`this is no ${format.toUpperCase()} that can be read`);
      if (bytes.length > bytesMax) throw new DiskRefused('the disk is larger than it may be');
      await put(disk, bytes.subarray(head.length), (await sizeOf(file)) - head.length);
    },
    pack: async (disk, format, file) => put(file, simulatedFile(format, await all(disk))),
    async takeOut(file, prefix) {
      const members = JSON.parse((await all(file)).toString()) as string[];
      for (const [at, member] of members.entries()) await put(`${prefix}-${at}`, Buffer.from(member, 'base64'));
      return members.map((_member, at) => `${prefix}-${at}`);
    },
    async settle(disk, root) {
      const bytes = await all(disk);
      if (bytes.toString('latin1', 0, simulatedSystem.length) !== simulatedSystem) throw new DiskRefused('Unknown OS / Missing OS files.');
      await put(root, bytes, await sizeOf(disk));
    },
  };
}
