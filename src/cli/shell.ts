/** `haneul shell` */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { MachineFailed } from '../framework/machines.ts';
import { wayIn } from '../host/machines/at-hand.ts';
import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { requireRootOf } from './own-sky.ts';
import { dataDirectoryOf } from './running-cloud.ts';

const argumentsMax = 100;

export const shell = defineCommand({
  name: 'shell',
  summary: 'open a shell in an instance, or run a command there',
  usage: 'INSTANCE [COMMAND …] [options]',
  options: { data: dataOption },
  positionalsMax: argumentsMax,
  details:
    'It needs no key, no network and no SSH server, but root of this machine, or the user whose cloud it is where that runs without root. Options of the command follow `--`.',
  async run({ values, positionals: [id, ...command], environment }) {
    if (id === undefined) throw new CommandError('which instance? `haneul shell i-…`', exitCodes.wrongUsage);
    const data = dataDirectoryOf(values, environment);
    await requireRootOf(data, environment);
    const asked = command.length > 0 ? command : ['/bin/sh', '-l'];
    const [program, ...parameters] = await wayIn(data, id, asked, process.stdin.isTTY).catch((error: unknown) => {
      if (error instanceof MachineFailed) throw new CommandError(error.message);
      throw error;
    });
    const child = spawn(program, parameters, { stdio: 'inherit' });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? exitCodes.failed;
  },
});
