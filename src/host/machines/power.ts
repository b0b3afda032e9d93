/** How the power of a machine is turned off, whatever drives it. */

import { rm } from 'node:fs/promises';
import type { Machines } from '../../framework/machines.ts';
import { runningOf, settle, signal } from './folder.ts';
import { machineDirectory, machineRun, type MachineMeans } from './means.ts';
import { removeEmptyDirectories } from './run-directory.ts';

/** @param press asks a running machine to shut down. False when it did not hear: it may be asked again. */
export function powerButton(directory: string, press: (id: string, process: number) => Promise<boolean>): Machines['shutDown'] {
  /** First processes that were asked. */
  const asked = new Set<number>();
  return async (id, milliseconds) => {
    const running = await runningOf(directory, id);
    if (!running || asked.has(running.process)) return;
    asked.add(running.process);
    const cut = async (): Promise<void> => {
      // Of the run that was asked, not of a later one.
      if ((await runningOf(directory, id))?.process === running.process) signal(running.process, 'SIGKILL');
    };
    setTimeout(() => void cut(), milliseconds).unref();
    if (!(await press(id, running.process))) asked.delete(running.process);
  };
}

/** Kills a machine that runs, or is being started. */
export async function cutPower(directory: string, id: string): Promise<void> {
  await settle(directory, id);
  const running = await runningOf(directory, id);
  if (running) signal(running.process, 'SIGKILL');
}

/** Takes away all directories of a machine that has ended. */
export async function forgetMachine(means: MachineMeans, id: string): Promise<void> {
  await rm(machineRun(means, id), { recursive: true, force: true });
  await rm(machineDirectory(means.directory, id), { recursive: true, force: true });
  await removeEmptyDirectories(means.run);
}
