/** `haneul logs` */

import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ignoreMissing } from '../host/missing-files.ts';
import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { dataDirectoryOf } from './running-cloud.ts';
import type { Terminal } from './terminal.ts';

const followMilliseconds = 250;
const tailBytesMax = 4 * 1024 * 1024;

export const logs = defineCommand({
  name: 'logs',
  summary: 'print the log of a cloud, running or not',
  options: {
    data: dataOption,
    follow: { type: 'boolean', short: 'f', help: 'go on with what comes' },
    lines: { type: 'string', short: 'n', value: 'N', help: 'how many lines of the past (default: 200)' },
  },
  details: 'The log is DATA/logs/haneul.log; haneul.log.1 and on are older. With --json each line is an object of time and message.',
  async run({ values, environment, terminal }) {
    const lines = Number(values.lines ?? '200');
    if (!Number.isSafeInteger(lines) || lines < 0)
      throw new CommandError(`--lines takes a number, not '${values.lines}'`, exitCodes.wrongUsage);
    const path = join(dataDirectoryOf(values, environment), 'logs', 'haneul.log');
    const print = printer(terminal, values.json === true);
    const { text, end, inode } = await tail(path, lines);
    print(text);
    if (values.follow) await follow(path, end, inode, print);
    return exitCodes.ok;
  },
});

function printer(terminal: Terminal, json: boolean): (text: string) => void {
  return (text) => {
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const space = line.indexOf(' ');
      if (json) terminal.line(JSON.stringify({ time: line.slice(0, space), message: line.slice(space + 1) }));
      else terminal.line(`${terminal.style('dim', line.slice(0, space))}${line.slice(space)}`);
    }
  };
}

async function tail(path: string, lines: number): Promise<{ text: string; end: number; inode: number }> {
  const found = await stat(path).catch(ignoreMissing);
  if (!found) throw new CommandError(`there is no log at ${path}; \`haneul up\` begins one`);
  const start = Math.max(0, found.size - tailBytesMax);
  const text = await readFrom(path, start, found.size);
  const all = text.split('\n').slice(start > 0 ? 1 : 0, -1);
  return { text: lines === 0 ? '' : all.slice(-lines).join('\n'), end: found.size, inode: found.ino };
}

async function readFrom(path: string, start: number, end: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(end - start), position: start });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Runs until the user ends it. A rotated log begins again at its start. */
async function follow(path: string, from: number, inode: number, print: (text: string) => void): Promise<never> {
  let position = from;
  for (let current = inode; ; await pause(followMilliseconds)) {
    const found = await stat(path).catch(ignoreMissing);
    if (!found) continue; // between two files, while the log is rotated
    if (found.ino !== current) [current, position] = [found.ino, 0];
    if (found.size <= position) continue;
    const text = await readFrom(path, position, found.size);
    const whole = text.lastIndexOf('\n') + 1;
    print(text.slice(0, whole));
    position += Buffer.byteLength(text.slice(0, whole));
  }
}
