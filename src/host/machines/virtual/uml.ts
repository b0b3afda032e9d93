/** user-mode-linux: a kernel that is a program of the host. Debian's package user-mode-linux brings it. */

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MachineFailed } from '../../../framework/machines.ts';
import { run } from '../../programs.ts';
import { runInside } from './agent.ts';
import { networkWords, startWords, type Emulator, type RunningEmulator } from './emulator.ts';

const mebibyte = 1024 * 1024;
const consoleScript = join(import.meta.dirname, 'mconsole.pl');
const agentMilliseconds = 30_000;
const bootWaitMilliseconds = 50;
const bootMillisecondsMax = 60_000;
/** ubda to ubdp, of which the first is the root volume. */
const letters = 'bcdefghijklmnop';

export const uml: Emulator = {
  name: 'uml',
  letters,
  reboots: 'itself',
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
  async attach(running, letter, file) {
    await booted(running);
    await ask(running, `config ubd${numberOf(letter)}=${file},,${letter}`);
  },
  async detach(running, letter) {
    await booted(running);
    await ask(running, `remove ubd${numberOf(letter)}`);
  },
  // It looks at a disk's size when it gets the disk, and not again.
  grow: async () => undefined,
  async plug(running, { device, tap, mac }) {
    await booted(running);
    // It may have been done by one that was killed before it wrote this down.
    await ask(running, `remove ${device}`).catch(ignoreRefusal);
    await ask(running, `config ${device}=tuntap,${tap},${mac}`);
  },
  async unplug(running, { device, mac }, force) {
    await booted(running);
    // The kernel gives nothing away that is up. Where no agent is left, only what nobody has brought up goes.
    await runInside(running.control, putDown(mac), { milliseconds: agentMilliseconds }).catch(ignoreRefusal);
    try {
      await ask(running, `remove ${device}`);
    } catch (error) {
      if (!(error instanceof MachineFailed) || !/currently open/.test(error.message)) throw error;
      return force;
    }
    return true;
  },
};

const putDown = (mac: string): string[] => [
  ...['sh', '-c', 'for place in /sys/class/net/*; do [ "$(cat "$place/address")" = "$1" ] && ip link set "${place##*/}" down; done'],
  ...['sh', mac],
];

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof MachineFailed)) throw error;
}

const numberOf = (letter: string): number => letters.indexOf(letter) + 1;

/**
 * Before a device is changed the kernel must have made those of its start: one that gets a disk before panics when it comes to it. The root
 * file system is mounted after all of them.
 */
async function booted(running: RunningEmulator): Promise<void> {
  const hasRoot = (): Promise<boolean> =>
    ask(running, 'proc mounts').then(
      (mounts) => /^\/dev\/root \/ /m.test(mounts),
      (error: unknown) => (ignoreRefusal(error), false),
    );
  for (let waited = 0; !(await hasRoot()); waited += bootWaitMilliseconds) {
    if (waited >= bootMillisecondsMax) throw new MachineFailed(`${running.id} has not booted`);
    await pause(bootWaitMilliseconds);
  }
}

/** Asks the kernel's management console. Rejects with MachineFailed and its words when it refuses. */
async function ask({ id, process: emulator }: RunningEmulator, command: string): Promise<string> {
  const answer = (
    await run('perl', [consoleScript, String(emulator), `/control/${id}/mconsole`, command], { milliseconds: 20_000 })
  ).toString();
  if (!answer.startsWith('ok')) throw new MachineFailed(`${id}: ${answer.replace(/^refused /, '').trim()}`);
  return answer.slice('ok '.length);
}
