/** The system on a disk: the file system that is its root, checked, laid out as files, and made to boot here. */

import { spawn } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskRefused } from '../../framework/disk-formats.ts';
import { programPath } from '../programs.ts';
import { ImageRefused, unpackStream } from './archives.ts';
import { runOnFiles } from './disk-tool.ts';
import { putIn, textIn } from './place.ts';
import { fileSystemsOn, type FileSystem } from './partitions.ts';

const noRoot = 3;
const script = join(import.meta.dirname, 'system.sh');
const missing = 'Unknown OS / Missing OS files.';

/**
 * Lays the files of a disk's system out. Rejects with DiskRefused, in the words of AWS's import where it has some, and with ImageRefused.
 * @param disk a raw work file of ours, which is changed. @param into an empty directory.
 */
export async function layOutSystem(work: string, disk: string, into: string): Promise<void> {
  const file = await open(disk);
  const found = await fileSystemsOn(file).finally(() => file.close());
  const candidates = found.filter(({ kind }) => kind === 'ext').sort((a, b) => b.bytes - a.bytes);
  if (candidates.length === 0) throw new DiskRefused(`${missing} ${whatIsThere(found)}`);
  for (const candidate of candidates) {
    await check(work, disk, candidate);
    if (await layOut(work, disk, candidate, into)) return forgetPartitions(into);
  }
  throw new DiskRefused(`${missing} None of its ${candidates.length} ext4 file systems is the root of a system.`);
}

function whatIsThere(found: readonly FileSystem[]): string {
  const kinds = [...new Set(found.map(({ kind }) => kind).filter((kind) => kind !== 'other'))];
  if (found.length === 0) return 'The disk has no partition table and no file system that is known.';
  const there = kinds.length > 0 ? `has ${kinds.join(' and ')}` : 'has no file system that is known';
  return `The disk ${there}; systems on ext2, ext3 and ext4 in plain partitions are imported.`;
}

/** Brings the journal in, so that the system may be read without writing. */
async function check(work: string, disk: string, { start }: FileSystem): Promise<void> {
  const corrected = 1;
  const { code, stdout, stderr } = await runOnFiles(work, { disk }, ['e2fsck', '-f', '-p', `/volumes/disk?offset=${start}`]);
  if (code > corrected)
    throw new DiskRefused(
      `Disk validation failed [the file system at byte ${start} is broken: ${`${stdout}${stderr}`.trim().slice(-200)}]`,
    );
}

/** False where it is no root. */
async function layOut(work: string, disk: string, { start, bytes }: FileSystem, into: string): Promise<boolean> {
  const place = join(work, 'system');
  await mkdir(place, { recursive: true });
  const jail = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child'];
  const child = spawn('setpriv', [...jail, 'sh', script, disk, String(start), String(bytes), place], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: programPath, LC_ALL: 'C' },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-300)));
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  // Where nothing comes out of the disk, that is no archive either.
  const refused = unpackStream(child.stdout, into).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof ImageRefused) return error;
      throw error;
    },
  );
  const [code, cause] = await Promise.all([ended, refused]);
  await rm(place, { recursive: true });
  if (code === noRoot) return false;
  if (code === 0 && !cause) return true;
  const why = errors.trim() || cause?.message;
  throw new DiskRefused(`Disk validation failed [the file system at byte ${start} cannot be read: ${why}]`, { cause });
}

const table = 'etc/fstab';

/** Other partitions of the disk do not come along: what is mounted of them is left out of the system's table, as remarks. */
async function forgetPartitions(tree: string): Promise<void> {
  const text = await textIn(tree, table);
  if (text === '') return;
  const lines = text.split('\n').map((line) => {
    const [what = '', where] = line.trim().split(/\s+/);
    return where !== '/' && /^(?:(?:PART)?(?:UUID|LABEL)=|\/dev\/)/.test(what) ? `# Not imported: ${line}` : line;
  });
  await putIn(tree, table, lines.join('\n'));
}
