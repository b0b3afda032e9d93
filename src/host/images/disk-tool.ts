/** Programs that read disks which strangers made, each in a jail that shows it these files and nothing else. */

import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskRefused } from '../../framework/disk-formats.ts';
import { isInSky, skyUsers } from '../sky/inside.ts';
import { ProgramFailed, runAnyhow, type ProgramResult } from '../programs.ts';

/** Nobody else: machines have users from 0x3000_0000 on. */
const toolUser = isInSky ? skyUsers.tool : 0x2fff_fffe;
const memoryBytesMax = 2 * 1024 ** 3;
const millisecondsMax = 4 * 3_600_000;
const script = join(import.meta.dirname, 'disk-tool.pl');

/**
 * Runs a program; it sees the files as `/volumes/NAME`, which must be work files of ours: they become those of its user. Rejects with
 * DiskRefused where it comes to no end of its own with them.
 * @param work an existing directory of ours, in which a folder is made for the time being.
 */
export async function runOnFiles(
  work: string,
  files: Readonly<Record<string, string>>,
  [program, ...parameters]: readonly [string, ...string[]],
): Promise<ProgramResult> {
  const directory = join(work, 'tool');
  await rm(directory, { recursive: true, force: true });
  for (const name of ['jail', 'control']) await mkdir(join(directory, name), { recursive: true, mode: 0o700 });
  const shown = Object.entries(files).flatMap(([name, path]) => [`volumes/${name}`, path]);
  await writeFile(join(directory, 'shown'), shown.join('\0'));
  for (const path of Object.values(files)) await chown(path, toolUser, toolUser);
  const jail = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--net', '--ipc', '--uts', '--fork', '--kill-child'];
  const given = { run: directory, directory, user: String(toolUser), memory: '64m' };
  const limits = ['prlimit', `--as=${memoryBytesMax}`, '--core=0', '--nofile=64'];
  try {
    return await runAnyhow('setpriv', [...jail, 'perl', script, ...Object.entries(given).flat(), '--', ...limits, program, ...parameters], {
      milliseconds: millisecondsMax,
    });
  } catch (error) {
    // One that could not be started has a cause, which is none of the files'.
    if (!(error instanceof ProgramFailed) || error.cause !== undefined) throw error;
    throw new DiskRefused(`the disk cannot be read: ${error.message}`, { cause: error });
  } finally {
    for (const path of Object.values(files)) await chown(path, 0, 0);
    await rm(directory, { recursive: true, force: true });
  }
}
