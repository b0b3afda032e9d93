/** `haneul test` */

import { join } from 'node:path';
import { CommandError, defineCommand, exitCodes } from './command.ts';

export const test = defineCommand({
  name: 'test',
  summary: "run Haneul's own tests",
  usage: '[PATTERN] [options]',
  options: { quick: { type: 'boolean', help: 'leave out the long ones: crash, fuzz, wire, tools' } },
  positionalsMax: 1,
  details: [
    'Runs every test file whose path contains PATTERN, or all of them; the last line tells how many passed and failed.',
    '',
    'Examples:',
    '  haneul test',
    '  haneul test services/s3',
  ].join('\n'),
  async run({ values, positionals, environment, terminal }) {
    const script = join(environment.home, 'scripts', 'test.ts');
    const { runTests } = (await import(script).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_MODULE_NOT_FOUND')
        throw new CommandError('the tests are not part of this installation; clone the repository to run them', exitCodes.failed);
      throw error;
    })) as { runTests(options: { pattern: string | undefined; quick: boolean; write(line: string): void }): Promise<number> };
    return runTests({ pattern: positionals[0], quick: values.quick ?? false, write: (line) => terminal.line(line) });
  },
});
