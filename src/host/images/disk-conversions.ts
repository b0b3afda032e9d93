/** Conversions of disk files by qemu-img, which is jailed: a file of a stranger stands alone, or it is refused. */

import { chmod, open, rm, stat, writeFile } from 'node:fs/promises';
import { DiskRefused, type DiskFormat } from '../../framework/disk-formats.ts';
import { ignoreMissing } from '../missing-files.ts';
import { run } from '../programs.ts';
import { runOnFiles } from './disk-tool.ts';
import { programIn } from './host-programs.ts';

/** Why disks cannot be converted here, for a user; undefined when they can. */
export async function conversionObstacle(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'Disks are converted by root alone: run Haneul with sudo.';
  if ((await programIn('qemu-img')) === undefined) return 'qemu-img is not on this machine: install qemu-utils.';
  return undefined;
}

const drivers = { raw: 'raw', qcow2: 'qcow2', vhd: 'vpc', vhdx: 'vhdx', vmdk: 'vmdk' } as const satisfies Record<DiskFormat, string>;

/** What a file is by its own first or last bytes, or undefined where it is no disk that has a mark. */
export async function formatOf(path: string): Promise<DiskFormat | undefined> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const [head, tail] = [Buffer.alloc(2048), Buffer.alloc(512)];
    await file.read(head, 0, head.length, 0);
    await file.read(tail, 0, tail.length, Math.max(0, size - tail.length));
    const begins = (mark: string): boolean => head.toString('latin1', 0, mark.length) === mark;
    if (begins('QFI\xfb')) return 'qcow2';
    if (begins('KDMV') || begins('COWD') || begins('# Disk DescriptorFile')) return 'vmdk';
    if (begins('vhdxfile')) return 'vhdx';
    if (begins('conectix') || tail.toString('latin1', 0, 8) === 'conectix') return 'vhd';
    // A tar has ASCII where a boot sector has its mark, and where the superblock of ext has its own.
    if (head.readUInt16LE(510) === 0xaa55 || head.readUInt16LE(1080) === 0xef53) return 'raw';
    return undefined;
  } finally {
    await file.close();
  }
}

type Information = {
  'virtual-size': number;
  encrypted?: boolean;
  'backing-filename'?: string;
  'format-specific'?: { data?: { 'create-type'?: string; 'data-file'?: string; extents?: unknown[] } };
};

/** Sizes of VHDs are those that their footers say, not those of their geometry. */
const optionsFor = (format: DiskFormat, name: string): string[] => [
  '--image-opts',
  `driver=${drivers[format]}${format === 'vhd' ? ',force_size_calc=current_size' : ''},file.driver=file,file.locking=off,file.filename=/volumes/${name}`,
];

/**
 * Makes a raw file of another one, in place of what is there. Rejects with DiskRefused.
 * @param from a work file of ours.
 */
export async function unpackDisk(work: string, from: string, format: DiskFormat, to: string, bytesMax: number): Promise<void> {
  if (format === 'vmdk') await refuseDescriptor(from);
  const bytes = await virtualBytes(work, from, format);
  if (bytes > bytesMax) throw new DiskRefused(`the disk is larger than ${bytesMax / 1024 ** 3} GiB`);
  if (bytes === 0) throw new DiskRefused('the disk is empty');
  await rm(to, { force: true });
  await run('truncate', ['-s', String(bytes), to]);
  const target = ['--target-image-opts', '-n', 'driver=raw,file.driver=file,file.locking=off,file.filename=/volumes/to'];
  const [options, name, ...rest] = [...optionsFor(format, 'from'), ...target];
  await convert(work, { from, to }, [options!, ...rest.slice(0, 2), name!, ...rest.slice(2)]);
}

/** One that stands on other files is known before qemu-img sees it: its descriptor names them. */
async function refuseDescriptor(path: string): Promise<void> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(21);
    await file.read(head, 0, head.length, 0);
    if (head.toString('latin1') === '# Disk DescriptorFile')
      throw new DiskRefused(
        'Unsupported VMDK File Format: it is a descriptor, whose disk lies in other files; export it as one (streamOptimized)',
      );
  } finally {
    await file.close();
  }
}

async function virtualBytes(work: string, from: string, format: DiskFormat): Promise<number> {
  const { code, stdout, stderr } = await runOnFiles(work, { from }, ['qemu-img', 'info', '--output=json', ...optionsFor(format, 'from')]);
  if (code !== 0) throw new DiskRefused(`this is no ${format.toUpperCase()} that can be read: ${words(stderr)}`);
  const found = JSON.parse(stdout.toString()) as Information;
  const data = found['format-specific']?.data;
  if (found['backing-filename'] !== undefined) throw new DiskRefused('the disk has a backing file: flatten it first');
  if (data?.['data-file'] !== undefined) throw new DiskRefused('the data of the disk lie in another file');
  if (data?.['create-type'] !== undefined && !['monolithicSparse', 'streamOptimized'].includes(data['create-type']))
    throw new DiskRefused(`Unsupported VMDK File Format: ${data['create-type'].slice(0, 40)}`);
  if ((data?.extents ?? []).length > 1) throw new DiskRefused('Unsupported VMDK File Format: the disk lies in several files');
  if (found.encrypted === true) throw new DiskRefused('the disk is encrypted');
  return found['virtual-size'];
}

/** Makes a file of another format out of a raw one. */
export async function packDisk(work: string, from: string, format: 'raw' | 'vhd' | 'vmdk', to: string): Promise<void> {
  await rm(to, { force: true });
  if (format === 'raw') {
    await run('cp', ['--sparse=always', '--reflink=auto', '--', from, to], { milliseconds: 3_600_000 });
    return;
  }
  await writeFile(to, '', { mode: 0o600 });
  const how = format === 'vhd' ? 'subformat=dynamic,force_size=on' : 'subformat=streamOptimized';
  await convert(work, { from, to }, ['-U', '-f', 'raw', '-O', drivers[format], '-o', how, '/volumes/from', '/volumes/to']);
}

async function convert(work: string, files: { from: string; to: string }, parameters: readonly string[]): Promise<void> {
  const { code, stderr } = await runOnFiles(work, files, ['qemu-img', 'convert', '-q', ...parameters]);
  if (code !== 0) throw new DiskRefused(`the disk cannot be converted: ${words(stderr)}`);
  if (await stat(files.to).catch(ignoreMissing)) await chmod(files.to, 0o600);
}

const words = (stderr: Buffer): string => stderr.toString().trim().replaceAll(/\s+/g, ' ').slice(-300) || 'it says nothing';
