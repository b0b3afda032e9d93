/** Commands of an ordinary user that need root of namespaces, and not of the machine: they start again in the sky of their cloud. */

import { stat } from 'node:fs/promises';
import { ignoreMissing } from '../host/missing-files.ts';
import { isInSky } from '../host/sky/inside.ts';
import { becomeIn, namedIn, openSky, skyOf, type Sky } from '../host/sky/sky.ts';
import { CommandError, exitCodes } from './command.ts';
import type { Environment } from './environment.ts';

const isOrdinary = (): boolean => process.platform === 'linux' && process.getuid?.() !== 0;

/** Goes on where this user is root. Resolves where he is already, or where the machine forbids it: then nothing that needs root will work. */
export async function enterOwnSky(dataDirectory: string, environment: Environment): Promise<void> {
  await refuseThatOfAnother(dataDirectory);
  if (!isOrdinary()) return;
  const sky = await openSky(dataDirectory);
  if ('keeper' in sky) await startAgainIn(sky, environment);
}

/** Goes on as whoever is root of a cloud's machines; as he is where it has none that run. Rejects with CommandError where it is another's cloud. */
export async function requireRootOf(dataDirectory: string, environment: Environment): Promise<void> {
  await refuseThatOfAnother(dataDirectory);
  if (process.getuid?.() === 0) return;
  const sky = await skyOf(dataDirectory);
  if (sky) await startAgainIn(sky, environment);
  const owner = (await stat(dataDirectory).catch(ignoreMissing))?.uid;
  if (owner !== undefined && owner !== process.getuid?.())
    throw new CommandError('only root may enter an instance; run it with sudo', exitCodes.failed);
}

/** Root of the machine has another /run: he would find neither networks nor the ways into machines. */
async function refuseThatOfAnother(dataDirectory: string): Promise<void> {
  if (process.getuid?.() !== 0 || isInSky || !(await namedIn(dataDirectory))) return;
  throw new CommandError(`instances run without root on ${dataDirectory}: give this command as the user whose they are`);
}

const startAgainIn = (sky: Sky, { workingDirectory, variables }: Environment): Promise<never> =>
  becomeIn(sky, workingDirectory, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], variables);
