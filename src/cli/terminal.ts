/** What commands print on: colour only where a person looks, questions only where one can answer. */

import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

export type Terminal = {
  /** A person is looking. */
  readonly interactive: boolean;
  line(text?: string): void;
  /** To standard error. */
  note(text: string): void;
  json(value: unknown): void;
  style(style: Style, text: string): string;
  /** Asks for a yes; false at once where nobody can answer. */
  confirm(question: string): Promise<boolean>;
};

/** @param color false turns colour off even on a terminal (NO_COLOR). */
export function openTerminal(color: boolean): Terminal {
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const colored = color && process.stdout.isTTY === true;
  // `haneul status | head` closes the pipe early; that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    interactive,
    line: (text = '') => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    json: (value) => void process.stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    style: (style, text) => (colored ? styleText(style, text, { validateStream: false }) : text),
    confirm: async (question) => {
      if (!interactive) return false;
      const { createInterface } = await import('node:readline/promises');
      const asked = createInterface({ input: process.stdin, output: process.stdout });
      try {
        return /^(y|yes)$/i.test((await asked.question(`${question} [y/N] `)).trim());
      } finally {
        asked.close();
      }
    },
  };
}

/** Pads columns to the width of their widest cell; the last column is left as it is. */
export function columns(rows: readonly (readonly string[])[], gap = 2): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at]! + gap)))
      .join('')
      .trimEnd(),
  );
}
