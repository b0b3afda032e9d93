/** Starts the supervisor of a machine: a process of its own that outlives this one. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MachineFailed, type MachineSpec } from '../../framework/machines.ts';
import { programPath } from '../programs.ts';
import { spawnProgram } from '../spawner.ts';
import { machineDirectory, machineRun, networkPath, type MachineMeans } from './means.ts';
import { fileSystemIsSmaller } from './root-volume.ts';

/** A large volume that a power cut has left is checked first. */
const startMillisecondsMax = 3_600_000;
const wordBytesMax = 65_536;

/**
 * Resolves when the machine runs. Rejects with MachineFailed and the supervisor's reason when it does not.
 * @param script in Perl; it says `running PID` or `failed REASON` to descriptor 3.
 * @param more names and values that this script takes beside those that all take.
 */
export async function superviseBy(
  script: string,
  means: MachineMeans,
  { id, network, rootDisk }: MachineSpec,
  more: Readonly<Record<string, string>>,
): Promise<void> {
  const folder = machineDirectory(means.directory, id);
  const given: Record<string, string> = {
    ...{ id, directory: folder, run: machineRun(means, id), network: networkPath(network) },
    grow: (await fileSystemIsSmaller(means.disks, rootDisk)) ? '1' : '',
    ...more,
  };
  const log = join(folder, 'supervisor.log');
  await writeFile(log, '', { mode: 0o600 });
  const { ending, stdout } = await spawnProgram({
    words: ['perl', script, ...Object.entries(given).flat()],
    environment: { PATH: programPath, LC_ALL: 'C' },
    input: Buffer.alloc(0),
    milliseconds: startMillisecondsMax,
    bytesMax: wordBytesMax,
    log,
  });
  const words = ending.kind === 'failed' ? `failed ${ending.reason}` : stdout.toString();
  if (!words.startsWith('running '))
    throw new MachineFailed(`${id} did not start: ${words.replace(/^failed /, '').trim() || 'its supervisor ended'}`);
}
