/** A program for who sits before the host: way-in.ts CONTROL terminal|plain COMMAND … runs a command inside a virtual machine as its root. */

import { fstatSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { MachineFailed } from '../../../framework/machines.ts';
import { runInside } from './agent.ts';
import { openShell } from './shell.ts';

const hourMilliseconds = 3_600_000;

async function runPlain(control: string, command: readonly string[]): Promise<number> {
  const given = fstatSync(0);
  const input = given.isFile() || given.isFIFO() ? await buffer(process.stdin) : '';
  const { code, output } = await runInside(control, command, { input, milliseconds: hourMilliseconds });
  process.stdout.write(output);
  return code;
}

async function runTerminal(control: string, command: readonly string[]): Promise<number> {
  // A terminal that does not know its size says nought.
  const size = () => ({ rows: process.stdout.rows || 24, columns: process.stdout.columns || 80 });
  const { stream, resize, ended } = await openShell(control, command, size());
  process.stdout.on('resize', () => resize(size()));
  process.stdin.setRawMode(true);
  process.stdin.pipe(stream);
  stream.pipe(process.stdout, { end: false });
  try {
    return await ended;
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.unpipe(stream).pause();
    stream.destroy();
  }
}

const [, , control = '', how, ...command] = process.argv;
try {
  process.exitCode = await (how === 'terminal' ? runTerminal : runPlain)(control, command);
} catch (error) {
  if (!(error instanceof MachineFailed)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
