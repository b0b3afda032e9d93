/** Clears away what containers left on the host that nobody knows any more: after a crash, or a data directory that was emptied. */

import { rm } from 'node:fs/promises';
import { loopDevices } from '../../disks/loops.ts';
import { namesIn } from '../../missing-files.ts';
import { run } from '../../programs.ts';
import { machineIds } from '../folder.ts';
import { machineRun, machineRuns, type MachineMeans } from '../means.ts';
import { removeEmptyDirectories } from '../run-directory.ts';
import { stateDirectory } from './means.ts';
import { readContainer } from './record.ts';

/** Ends containers without a folder, and gives back loop devices of disks that no container has. Idempotent. */
export async function reap(means: MachineMeans): Promise<void> {
  const known = new Set(await machineIds(means.directory));
  for (const id of await namesIn(stateDirectory(means)))
    if (!known.has(id)) await run('runc', ['--root', stateDirectory(means), 'delete', '--force', id]);
  for (const id of await namesIn(machineRuns(means))) if (!known.has(id)) await rm(machineRun(means, id), { recursive: true, force: true });
  if ((await namesIn(means.run.path)).length > 0) await removeEmptyDirectories(means.run);
  await dropUnusedLoops(means, known);
}

async function dropUnusedLoops(means: MachineMeans, known: ReadonlySet<string>): Promise<void> {
  const used = new Set<string>();
  for (const id of known) {
    const record = await readContainer(means.directory, id);
    if (!record) continue;
    for (const disk of [record.spec.rootDisk, ...Object.values(record.attached)]) used.add(means.disks.path(disk));
  }
  const directory = means.disks.path('x').slice(0, -'x.disk'.length);
  for (const { device, file } of await loopDevices())
    if (file.startsWith(directory) && !used.has(file)) await run('losetup', ['--detach', device]);
}
