/** user-mode-linux: a kernel that is a program of the host. Debian's package user-mode-linux brings it. */

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { MachineFailed } from '../../../framework/machines.ts';
import { run } from '../../programs.ts';
import { networkWords, startWords, type Emulator, type RunningEmulator } from './emulator.ts';

const mebibyte = 1024 * 1024;
const consoleScript = join(import.meta.dirname, 'mconsole.pl');
/** ubda to ubdp, of which the first is the root volume. */
const letters = 'bcdefghijklmnop';

export const uml: Emulator = {
  name: 'uml',
  letters,
  lines: ['commands', 'shells'],
  overheadBytes: 96 * mebibyte,
  memoryFileBytes: (guestBytes) => guestBytes + 16 * mebibyte,
  files: async () => new Map(),
  async command({ spec, init, nics, root, volumes }) {
    return [
      ...['/usr/bin/linux.uml', `mem=${Math.floor(spec.memoryBytes / mebibyte)}M`, `umid=${spec.id}`, 'uml_dir=/control/'],
      ...[`ubd0=${root},,a`, 'root=/dev/ubda', 'rootfstype=ext4', 'rw', `init=${init}`],
      ...[...volumes].map(([letter, file]) => `ubd${numberOf(letter)}=${file},,${letter}`),
      ...nics.map(({ device, tap, mac }) => `${device}=tuntap,${tap},${mac}`),
      ...['con=null', 'con0=null,fd:1', 'ssl=null', 'ssl0=fd:3', 'ssl1=fd:4', 'haneul.agent=ttyS0,ttyS1'],
      ...startWords,
      ...networkWords(nics),
    ];
  },
  ready: ({ id, control }) =>
    access(join(control, id, 'mconsole')).then(
      () => true,
      () => false,
    ),
  pressPowerButton: async (running) => void (await ask(running, 'cad')),
  attach: async (running, letter, file) => void (await ask(running, `config ubd${numberOf(letter)}=${file},,${letter}`)),
  detach: async (running, letter) => void (await ask(running, `remove ubd${numberOf(letter)}`)),
};

const numberOf = (letter: string): number => letters.indexOf(letter) + 1;

/** Asks the kernel's management console. Rejects with MachineFailed and its words when it refuses. */
async function ask({ id, process: emulator }: RunningEmulator, command: string): Promise<string> {
  const answer = (
    await run('perl', [consoleScript, String(emulator), `/control/${id}/mconsole`, command], { milliseconds: 20_000 })
  ).toString();
  if (!answer.startsWith('ok')) throw new MachineFailed(`${id}: ${answer.replace(/^refused /, '').trim()}`);
  return answer.slice('ok '.length);
}
