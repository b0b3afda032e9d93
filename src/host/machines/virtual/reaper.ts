/** Clears away what virtual machines left on the host that nobody knows any more: after a crash, or a data directory that was emptied. */

import { rm } from 'node:fs/promises';
import { namesIn } from '../../missing-files.ts';
import { ended, machineIds, runningOf, signal } from '../folder.ts';
import { machineRun, machineRuns, type MachineMeans } from '../means.ts';
import { removeEmptyDirectories } from '../run-directory.ts';
import { removeGroups } from './limits.ts';

/** Ends emulators without a folder: their run directories say which processes they are. Idempotent. */
export async function reapVirtual(means: MachineMeans): Promise<void> {
  const known = new Set(await machineIds(means.directory));
  const runs = machineRuns(means);
  for (const id of await machineIds(runs)) {
    if (known.has(id)) continue;
    const running = await runningOf(runs, id);
    if (running) signal(running.process, 'SIGKILL');
    await ended(runs, id);
    await removeGroups(means.run, id);
    await rm(machineRun(means, id), { recursive: true, force: true });
  }
  if ((await namesIn(means.run.path)).length > 0) await removeEmptyDirectories(means.run);
}
