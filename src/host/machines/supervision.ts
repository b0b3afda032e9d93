/** Starts the supervisor of a machine: a process of its own that outlives this one. */

import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { MachineFailed, type MachineSpec } from '../../framework/machines.ts';
import { programPath } from '../programs.ts';
import { machineDirectory, machineRun, networkPath, type MachineMeans } from './means.ts';
import { fileSystemIsSmaller } from './root-volume.ts';

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
  const log = await open(join(folder, 'supervisor.log'), 'w', 0o600);
  const child = spawn('perl', [script, ...Object.entries(given).flat()], {
    cwd: '/',
    detached: true,
    env: { PATH: programPath, LC_ALL: 'C' },
    stdio: ['ignore', log.fd, log.fd, 'pipe'],
  });
  await log.close();
  const failed = new Promise<string>((resolve) => child.on('error', (error) => resolve(`failed ${error.message}`)));
  child.unref();
  const words = await Promise.race([failed, text(child.stdio[3] as NodeJS.ReadableStream)]);
  if (!words.startsWith('running '))
    throw new MachineFailed(`${id} did not start: ${words.replace(/^failed /, '').trim() || 'its supervisor ended'}`);
}
