/** The cloud's log: lines with their moment, in a file that is set aside when it has grown. */

import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export type LogFile = {
  readonly path: string;
  /** Adds one line (or several, when the text has line ends), each with the real time before it. It is in the file on return. */
  write(text: string): void;
  close(): void;
};

export type LogFileOptions = {
  bytesMax?: number;
  /** Files kept beside the current one: haneul.log.1 is the youngest. */ filesMax?: number;
};

/** Opens `directory`/haneul.log for appending; the directory is made when it is not there. */
export function openLogFile(directory: string, options: LogFileOptions = {}): LogFile {
  const { bytesMax = 10 * 1024 * 1024, filesMax = 5 } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'haneul.log');
  let bytes = sizeOf(path);
  let file = openSync(path, 'a', 0o600);

  function rotate(): void {
    closeSync(file);
    for (let age = filesMax - 1; age >= 0; age--) renameIfThere(age === 0 ? path : `${path}.${age}`, `${path}.${age + 1}`);
    file = openSync(path, 'a', 0o600);
    bytes = 0;
  }

  return {
    path,
    write(text) {
      const moment = new Date().toISOString();
      const entry = Buffer.from(
        text
          .trimEnd()
          .split('\n')
          .map((line) => `${moment} ${line}\n`)
          .join(''),
      );
      try {
        if (bytes > 0 && bytes + entry.length > bytesMax) rotate();
        bytes += writeSync(file, entry);
      } catch (error) {
        // A full disk must not end the cloud; the terminal still shows every line.
        process.stderr.write(`haneul: the log cannot be written: ${(error as Error).message}\n`);
      }
    },
    close: () => closeSync(file),
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function renameIfThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false })) renameSync(from, to);
}
