/** Sizes of files and functions, with exceptions that may only shrink. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Breach, SourceFile } from './source.ts';

const fileLinesMax = 400;
const testLinesMax = 600;
const functionLinesMax = 70;
/** What draws is mostly markup, a line an attribute. */
const componentLinesMax = 160;

/** Allowed sizes of the files and functions that are too long; a number here may fall and never rise. */
type Exceptions = { files: Readonly<Record<string, number>>; functions: Readonly<Record<string, number>> };

export function sizeBreaches(files: readonly SourceFile[]): Breach[] {
  const exceptions = JSON.parse(readFileSync(join(import.meta.dirname, 'size-exceptions.json'), 'utf8')) as Exceptions;
  const seen = new Set<string>();
  const breaches: Breach[] = [];
  const judge = (
    list: Readonly<Record<string, number>>,
    key: string,
    size: number,
    max: number,
    breach: Omit<Breach, 'message'>,
    what: string,
  ): void => {
    const allowed = Object.hasOwn(list, key) ? list[key] : undefined;
    if (allowed !== undefined) seen.add(key);
    if (size > (allowed ?? max)) breaches.push({ ...breach, message: `${what} has ${size} lines; ${allowed ?? max} are allowed` });
    else if (allowed !== undefined && size < allowed)
      breaches.push({
        ...breach,
        message: `${what} has shrunk to ${size} lines: lower its number in size-exceptions.json${size <= max ? ' by taking it out' : ''}`,
      });
  };
  for (const file of files) {
    const { path, lines } = file;
    const isTest = path.endsWith('.test.ts');
    judge(exceptions.files, path, lines.length - 1, isTest ? testLinesMax : fileLinesMax, { path, line: 1 }, 'the file');
    if (isTest) continue; // `describe` is a function too
    for (const { name, line, size } of functionsOf(file)) {
      const max = path.endsWith('.tsx') && /^[A-Z]/.test(name) ? componentLinesMax : functionLinesMax;
      judge(exceptions.functions, `${path}#${name}`, size, max, { path, line }, `${name}()`);
    }
  }
  const listed = [...Object.keys(exceptions.files), ...Object.keys(exceptions.functions)];
  for (const key of listed)
    if (!seen.has(key))
      breaches.push({ path: 'scripts/tidy/size-exceptions.json', line: 1, message: `${key} is not there any more: take it out` });
  return breaches;
}

type FunctionSize = { name: string; line: number; size: number };

const functionHeads =
  /^( *)(?:export )?(?:default )?(?:async )?(?:function\*? (\w+)|(?:static |private |override )*(?:async )?#?(\w+)\([^)]*\)(?:: [^={]+)? \{$|const (\w+)[^=]*= (?:async )?(?:\([^)]*\)|\w+)(?:: [^=]+)? => \{$)/;

/** Functions by their head; one ends at the brace that stands as far in as its head. The formatter sees to that. */
function functionsOf({ code }: SourceFile): FunctionSize[] {
  const lines = code.split('\n');
  const found: FunctionSize[] = [];
  for (const [at, line] of lines.entries()) {
    const head = functionHeads.exec(line);
    const name = head?.[2] ?? head?.[3] ?? head?.[4];
    if (!head || !name || ['if', 'for', 'while', 'switch', 'catch', 'function'].includes(name)) continue;
    const end = lines.findIndex((other, index) => index >= at && other.startsWith(`${head[1]}}`));
    if (end > at) found.push({ name, line: at + 1, size: end - at + 1 });
  }
  return found;
}
