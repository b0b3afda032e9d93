/** Speaks with the agent inside a virtual machine, over a serial line of text. */

import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MachineFailed, type ExecResult } from '../../../framework/machines.ts';

/** The line's buffer in the guest takes 4096 bytes. */
const pieceBytes = 3000;
const millisecondsDefault = 60_000;
const greetMilliseconds = 1000;

/**
 * Runs a program inside as root, by an argument vector.
 * Rejects with MachineFailed when no agent answers in time: the guest is still booting, or its system has none.
 * @param control the directory of the machine's sockets.
 */
export async function runInside(
  control: string,
  command: readonly string[],
  { input = '', milliseconds = millisecondsDefault }: { input?: string | Uint8Array; milliseconds?: number } = {},
): Promise<ExecResult> {
  const line = openLine(join(control, 'commands'), milliseconds);
  try {
    await line.greet();
    for (const [word, text] of [
      ['script', scriptOf(command)],
      ['input', input],
    ] as const)
      for (const piece of pieces(text)) await line.say(Buffer.concat([Buffer.from(`${word} ${line.id} ${piece.length}\n`), piece]), 'more');
    const output: Buffer[] = [];
    const code = await line.say(`run ${line.id} ${Math.ceil(milliseconds / 1000)}\n`, 'ended', (piece) =>
      output.push(Buffer.from(piece, 'base64')),
    );
    return { code: Number(code), output: Buffer.concat(output) };
  } finally {
    line.close();
  }
}

/** As the guest's shell reads it, each argument quoted whole. */
export const scriptOf = (command: readonly string[]): string =>
  `exec ${command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')}\n`;

function* pieces(text: string | Uint8Array): Generator<Buffer> {
  const bytes = Buffer.from(text as string);
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** One conversation: what earlier ones left on the line is passed over, because it bears another id. */
function openLine(path: string, milliseconds: number) {
  const id = randomBytes(8).toString('hex');
  const socket: Socket = connect(path);
  const late = AbortSignal.timeout(milliseconds);
  late.addEventListener('abort', () => socket.destroy());
  let failure: Error | undefined;
  socket.on('error', (error) => (failure = error));
  const reader = createInterface({ input: socket });
  socket.on('close', () => reader.close());
  const lines = reader[Symbol.asyncIterator]();
  /** Resolves with what follows the awaited word. */
  const say = async (text: string | Buffer, awaited: string, onOutput?: (piece: string) => void): Promise<string> => {
    socket.write(text);
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true)
        throw new MachineFailed("nobody inside answers: the system boots, or has no agent of Haneul's", { cause: failure });
      const [word, whose, more = ''] = (value as string).trim().split(' ');
      if (whose !== id) continue;
      if (word === 'output') onOutput?.(more);
      if (word === awaited) return more;
    }
  };
  return {
    id,
    say,
    /** What is said before the guest has opened its end may be lost. */
    async greet(): Promise<void> {
      const hello = `hello ${id}\n`;
      const again = setInterval(() => socket.write(hello), greetMilliseconds);
      await say(hello, 'hello').finally(() => clearInterval(again));
    },
    close: () => socket.destroy(),
  };
}
