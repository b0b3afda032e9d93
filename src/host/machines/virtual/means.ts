/** Where the driver of virtual machines keeps things of its own. */

import { join } from 'node:path';
import { machineRun, type MachineMeans } from '../means.ts';

/** The sockets of a machine. */
export const controlDirectory = (means: Pick<MachineMeans, 'run'>, id: string): string => join(machineRun(means, id), 'control');
