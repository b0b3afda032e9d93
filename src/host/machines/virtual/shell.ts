/** A terminal in a virtual machine, over the serial line of which its agent makes one. */

import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import type { MachineTerminal, TerminalSize } from '../../../framework/machines.ts';
import { runInside, scriptOf } from './agent.ts';

/** A visitor who was cut off left a shell on the line. */
const hangUp = ['sh', '-c', 'test -e /run/haneul/shell && kill -HUP "-$(cat /run/haneul/shell)"'];
const fit = 'test -e /run/haneul/shell && stty -F "/proc/$(cat /run/haneul/shell)/fd/0" columns "$1" rows "$2"';

/**
 * Runs a command in the machine's one terminal; whoever asks for it while it is in use waits.
 * Rejects with MachineFailed when no agent answers.
 * @param control the directory of the machine's sockets.
 */
export async function openShell(control: string, command: readonly string[], { columns, rows }: TerminalSize): Promise<MachineTerminal> {
  await runInside(control, ['true']);
  const id = randomBytes(8).toString('hex');
  const socket = connect(join(control, 'shells'));
  await runInside(control, hangUp);
  socket.write(`shell ${id} ${rows} ${columns} vt100 ${Buffer.from(scriptOf(command)).toString('base64')}\n`);
  const ended = Promise.withResolvers<number>();
  const stream = Duplex.from({ readable: shown(socket, Buffer.from(`\nended ${id} `), ended.resolve), writable: socket } as never);
  stream.on('error', () => undefined);
  stream.once('close', () => {
    socket.destroy();
    // Where no agent is left to be told, nothing is left of the shell.
    void runInside(control, hangUp).then(
      () => ended.resolve(1),
      () => ended.resolve(1),
    );
  });
  socket.on('error', () => undefined);
  return {
    stream,
    ended: ended.promise,
    // A terminal that cannot be fitted goes on as it is.
    resize: (size) => void runInside(control, ['sh', '-c', fit, 'sh', String(size.columns), String(size.rows)]).catch(() => undefined),
  };
}

/** What comes until the line that says how it ended. */
async function* shown(socket: Socket, mark: Buffer, onEnd: (code: number) => void): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    held = Buffer.concat([held, chunk]);
    const at = held.indexOf(mark);
    if (at >= 0 && held.includes('\n', at + mark.length)) {
      if (at > 0) yield held.subarray(0, at);
      onEnd(Number.parseInt(held.subarray(at + mark.length).toString(), 10));
      return;
    }
    const end = at >= 0 ? at : held.length - beginningLength(held, mark);
    if (end > 0) yield held.subarray(0, end);
    held = held.subarray(end);
  }
}

/** How many of the last bytes may be the beginning of the mark. */
function beginningLength(text: Buffer, mark: Buffer): number {
  for (let length = Math.min(mark.length, text.length); length > 0; length--)
    if (text.subarray(text.length - length).equals(mark.subarray(0, length))) return length;
  return 0;
}
