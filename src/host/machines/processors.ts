/** How much processor time a machine takes, and may take: its control groups, in the first version of the interface and in the second. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const top = '/sys/fs/cgroup';
const periodMicroseconds = 100_000;
/** The kernel takes no smaller quota. */
const quotaMicrosecondsMin = 1000;

/** In seconds, since the machine was started; undefined where nothing counts it. */
export async function processorSeconds(cloud: string, id: string): Promise<number | undefined> {
  const name = join('haneul', cloud, id);
  const nanoseconds = await read(join(top, 'cpuacct', name, 'cpuacct.usage'));
  if (nanoseconds !== undefined) return Number(nanoseconds) / 1e9;
  const microseconds = /^usage_usec (\d+)$/m.exec((await read(join(top, name, 'cpu.stat'))) ?? '')?.[1];
  return microseconds === undefined ? undefined : Number(microseconds) / 1e6;
}

/** Written where it is not so already. */
export async function limitProcessors(cloud: string, id: string, processors: number): Promise<void> {
  const name = join('haneul', cloud, id);
  const quota = Math.max(quotaMicrosecondsMin, Math.round(processors * periodMicroseconds));
  const first = join(top, 'cpu', name, 'cpu.cfs_quota_us');
  const present = await read(first);
  if (present !== undefined) return present.trim() === String(quota) ? undefined : write(first, String(quota));
  const second = join(top, name, 'cpu.max');
  const wanted = `${quota} ${periodMicroseconds}`;
  const now = await read(second);
  if (now !== undefined && now.trim() !== wanted) await write(second, wanted);
}

/** A machine that has just ended has no groups any more, a host without this control never had them. */
const absent = new Set(['ENOENT', 'ENODEV', 'ENOTDIR']);

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (absent.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

async function write(file: string, value: string): Promise<void> {
  await writeFile(file, value).catch((error: NodeJS.ErrnoException) => {
    if (!absent.has(error.code ?? '') && !['EACCES', 'EROFS'].includes(error.code ?? '')) throw error;
  });
}
