/** A terminal in name only: it echoes what is typed, answers each line with its words, and ends at `exit`. */

import { Duplex } from 'node:stream';
import type { MachineTerminal, TerminalSize } from '../../framework/machines.ts';

const interrupt = 3;

/** @param hostname stands in the prompt. */
export function simulatedTerminal(hostname: string, first: TerminalSize): MachineTerminal {
  const { promise: ended, resolve: end } = Promise.withResolvers<number>();
  const prompt = `root@${hostname}:~# `;
  let size = first;
  let line = '';
  const answer = (asked: string): string =>
    asked === 'stty size' ? `${size.rows} ${size.columns}\r\n` : asked === '' ? '' : `ran ${asked}\r\n`;
  const stream = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      for (const character of chunk.toString('utf8')) {
        if (character === '\r') {
          const asked = line.trim();
          line = '';
          stream.push('\r\n');
          if (asked === 'exit') {
            stream.push(null);
            break;
          }
          stream.push(answer(asked) + prompt);
        } else if (character === '\x7f') {
          if (line !== '') stream.push('\b \b');
          line = line.slice(0, -1);
        } else if (character.charCodeAt(0) === interrupt) {
          line = '';
          stream.push(`^C\r\n${prompt}`);
        } else {
          line += character;
          stream.push(character);
        }
      }
      done();
    },
  });
  stream.once('close', () => end(0)).on('error', () => undefined);
  stream.push(prompt);
  return { stream, ended, resize: (next) => void (size = next) };
}
