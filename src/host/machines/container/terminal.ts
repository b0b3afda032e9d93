/** A terminal in a container: a program of ours holds the terminal's other side, since Node has no terminals to give. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Duplex, type Readable, type Writable } from 'node:stream';
import type { MachineTerminal, TerminalSize } from '../../../framework/machines.ts';
import { programPath } from '../../programs.ts';

/** @param command an argument vector of this host. */
export async function openTerminal(command: readonly string[], size: TerminalSize): Promise<MachineTerminal> {
  const child = spawn('perl', [join(import.meta.dirname, 'terminal.pl'), String(size.columns), String(size.rows), ...command], {
    cwd: '/',
    env: { PATH: programPath, LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
  });
  await once(child, 'spawn');
  const [typed, shown, , sizes] = child.stdio as unknown as [Writable, Readable, null, Writable];
  // It may have ended between a key and its arrival: its end is told by `ended`.
  for (const stream of [typed, sizes]) stream.on('error', () => undefined);
  const ended = once(child, 'close').then(([code]) => (code as number | null) ?? 1);
  const stream = Duplex.from({ readable: shown, writable: typed } as never); // its types know such pairs of the web's streams alone;
  stream.on('error', () => undefined);
  // At the end of either it hangs up, and leaves nothing behind.
  stream.once('close', () => {
    typed.destroy();
    sizes.destroy();
  });
  return { stream, ended, resize: ({ columns, rows }) => void (sizes.destroyed || sizes.write(`${columns} ${rows}\n`)) };
}
