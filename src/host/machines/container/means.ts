/** Where the container driver keeps things of its own. */

import { join } from 'node:path';
import type { MachineMeans } from '../means.ts';

/** Where runc keeps what it knows. */
export const stateDirectory = ({ run: { path } }: Pick<MachineMeans, 'run'>): string => join(path, 'runc');
