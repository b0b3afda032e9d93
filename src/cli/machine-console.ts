/** `haneul console` */

import { MachineFailed } from '../framework/machines.ts';
import { consoleAt } from '../host/machines/at-hand.ts';
import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { dataDirectoryOf } from './running-cloud.ts';

const bytesMax = 1024 * 1024;

export const machineConsole = defineCommand({
  name: 'console',
  summary: 'print what an instance wrote to its console',
  usage: 'INSTANCE [options]',
  options: { data: dataOption },
  positionalsMax: 1,
  details: 'The last mebibyte. Control characters are left out: what an instance writes does not act on your terminal.',
  async run({ values, positionals: [id], environment, terminal }) {
    if (id === undefined) throw new CommandError('which instance? `haneul console i-…`', exitCodes.wrongUsage);
    const output = await consoleAt(dataDirectoryOf(values, environment), id, bytesMax).catch((error: unknown) => {
      if (error instanceof MachineFailed) throw new CommandError(error.message);
      throw error;
    });
    const text = output.toString().replaceAll(/[^\P{Cc}\n\t]/gu, '');
    if (values.json) terminal.json({ instance: id, console: text });
    else for (const line of text.trimEnd().split('\n')) terminal.line(line);
    return exitCodes.ok;
  },
});
