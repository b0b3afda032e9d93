/** What every driver of machines works with, and where it keeps things. */

import { join } from 'node:path';
import { MachineFailed } from '../../framework/machines.ts';
import type { DiskStore } from '../disks/disks.ts';
import type { ImageStore } from '../images/images.ts';
import { makeOnePassable, makePassable, type RunDirectory } from './run-directory.ts';

export type MachineMeans = {
  /** Holds a folder a machine: its settings, its console, how it ended. */
  directory: string;
  /** Those of every driver of this cloud, this one among them. */
  directories: readonly string[];
  run: RunDirectory;
  disks: DiskStore;
  images: ImageStore;
};

/** The folder of one machine. Throws for what is no name of one. */
export function machineDirectory(directory: string, id: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(id)) throw new MachineFailed(`'${id}' is no name of a machine`);
  return join(directory, id);
}

/** The file by which a network namespace is joined. Throws for what is no name of one. */
export function networkPath(namespace: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(namespace)) throw new MachineFailed(`'${namespace}' is no name of a network namespace`);
  return join('/run/netns', namespace);
}

const runsName = 'machines';

/** Where what a machine has until it ends lies: mounts that its supervisor alone sees, sockets. */
export const machineRun = (means: Pick<MachineMeans, 'run'>, id: string): string => join(machineRuns(means), id);

/** Those of all machines. */
export const machineRuns = ({ run: { path } }: Pick<MachineMeans, 'run'>): string => join(path, runsName);

/** Makes directories of a machine that its own users may pass through. */
export async function makeRun({ run }: Pick<MachineMeans, 'run'>, id: string, ...names: string[]): Promise<void> {
  const place = await makePassable(run, runsName, id);
  for (const name of names) await makeOnePassable(join(place, name));
}
