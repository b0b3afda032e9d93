/** Where the container driver keeps things of its own. */

import { join } from 'node:path';
import { machineRun, type MachineMeans } from '../means.ts';
import type { Runtime } from './runtime.ts';

/** Where a runtime keeps what it knows. */
export const stateDirectory = ({ run: { path } }: Pick<MachineMeans, 'run'>, runtime: Runtime): string => join(path, runtime);

/** The control group of a container, below where each controller is mounted. */
export const controlGroup = ({ run: { cloud } }: MachineMeans, id: string): string => `/haneul/${cloud}/${id}`;

/** The socket at which a container asks for mounts: its supervisor's. */
export const mountDoor = (means: Pick<MachineMeans, 'run'>, id: string): string => join(machineRun(means, id), 'mounts');
