/** Starts the supervisor of a machine: a process of its own that outlives this one. */

import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { MachineFailed } from '../../framework/machines.ts';
import { programPath } from '../programs.ts';

/**
 * Resolves when the machine runs. Rejects with MachineFailed and the supervisor's reason when it does not.
 * @param script in Perl; it says `running PID` or `failed REASON` to descriptor 3.
 * @param given pairs of name and value.
 */
export async function superviseBy(script: string, id: string, folder: string, given: Readonly<Record<string, string>>): Promise<void> {
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
