/** Clears away what containers left on the host that nobody knows any more: after a crash, or a data directory that was emptied. */

import { rm } from 'node:fs/promises';
import { namesIn } from '../../missing-files.ts';
import { run } from '../../programs.ts';
import { machineIds } from '../folder.ts';
import { machineRun, machineRuns, type MachineMeans } from '../means.ts';
import { removeEmptyDirectories } from '../run-directory.ts';
import { stateDirectory } from './means.ts';
import { runtimes } from './runtime.ts';

/** Ends containers without a folder. Idempotent. */
export async function reap(means: MachineMeans): Promise<void> {
  const known = new Set(await machineIds(means.directory));
  for (const runtime of runtimes)
    for (const id of await namesIn(stateDirectory(means, runtime))) if (!known.has(id)) await forgetState(means, id);
  for (const id of await namesIn(machineRuns(means))) if (!known.has(id)) await rm(machineRun(means, id), { recursive: true, force: true });
  if ((await namesIn(means.run.path)).length > 0) await removeEmptyDirectories(means.run);
}

/** Ends a container, and makes its runtime forget it. One that knows nothing of it is not asked: it would make its place anew. */
export async function forgetState(means: Pick<MachineMeans, 'run'>, id: string): Promise<void> {
  for (const runtime of runtimes) {
    const state = stateDirectory(means, runtime);
    if ((await namesIn(state)).includes(id)) await run(runtime, ['--root', state, 'delete', '--force', id]);
  }
}
