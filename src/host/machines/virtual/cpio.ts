/** Archives as the kernel unpacks them at its start: https://docs.kernel.org/driver-api/early-userspace/buffer-format.html */

/** A directory where there are no bytes. */
export type CpioEntry = { path: string; bytes?: Uint8Array; mode?: number };

const directoryMode = 0o040755;
const fileMode = 0o100000;
const end = 'TRAILER!!!';

/** An archive of files of root; directories come before what is in them. */
export function cpio(entries: readonly CpioEntry[]): Buffer {
  const parts: Uint8Array[] = [];
  [...entries, { path: end, bytes: new Uint8Array(0), mode: -fileMode }].forEach(({ path, bytes, mode = 0o644 }, at) => {
    const name = Buffer.from(`${path}\0`);
    const size = bytes?.length ?? 0;
    // inode, mode, owner, group, links, time, size, four device numbers, length of the name, checksum
    const fields = [at + 1, bytes ? fileMode + mode : directoryMode, 0, 0, 1, 0, size, 0, 0, 0, 0, name.length, 0];
    const head = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
    parts.push(head, name, padding(head.length + name.length), bytes ?? new Uint8Array(0), padding(size));
  });
  return Buffer.concat(parts);
}

const padding = (length: number): Uint8Array => new Uint8Array((4 - (length % 4)) % 4);
