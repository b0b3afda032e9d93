/** `npm run tidy`: the rules of the house that a program can check. Prints every breach and exits with 1 when there is one. */

import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { importBreaches } from './tidy/imports.ts';
import { sizeBreaches } from './tidy/sizes.ts';
import { parseSource, type Breach, type SourceFile } from './tidy/source.ts';
import { wordBreaches } from './tidy/words.ts';

const home = dirname(import.meta.dirname);
/** A checker that sees nothing finds nothing. */
const filesMin = 60;

export function tidy(files: readonly SourceFile[]): Breach[] {
  return [...files.flatMap((file) => [...importBreaches(file), ...wordBreaches(file)]), ...sizeBreaches(files)];
}

function sources(): SourceFile[] {
  return globSync(['src/**/*.ts', 'scripts/**/*.ts', 'tests/**/*.ts', 'bench/**/*.ts', 'console/*.ts', 'console/src/**/*.{ts,tsx}'], {
    cwd: home,
  })
    .sort()
    .map((path) => parseSource(path, readFileSync(join(home, path), 'utf8')));
}

if (import.meta.main) {
  const files = sources();
  const breaches = tidy(files);
  for (const { path, line, message } of breaches) console.log(`${path}:${line}: ${message}`);
  if (files.length < filesMin) console.log(`Only ${files.length} files were seen; at least ${filesMin} are expected.`);
  else console.log(`${files.length} files, ${breaches.length} breaches.`);
  process.exitCode = breaches.length > 0 || files.length < filesMin ? 1 : 0;
}
