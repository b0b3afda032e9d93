/** Builds the console when somebody first asks for it and whenever its sources have changed since, in a process of its own. */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { glob, readFile, stat } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import type { ConsoleBuild } from '../control/console/files.ts';

/** The build notes here what it was built from. */
const stampFile = '.built-from';
/** How long sources are taken to be unchanged: a page asks for dozens of files at once. */
const TRUSTED_MILLISECONDS = 2_000;

/** `home` is where the `console` folder lies. Nothing is done before the first visit. */
export function consoleBuild(home: string, say: (line: string) => void): ConsoleBuild {
  const directory = join(home, 'console', 'dist');
  let building: Promise<string | undefined> | undefined;
  let failed: { why: string; of: string } | undefined;
  let checkedAt = -Infinity;
  return {
    directory,
    state: async () => {
      if (building) return { is: 'building' };
      if (performance.now() - checkedAt < TRUSTED_MILLISECONDS) return { is: 'current' };
      const wanted = await fingerprintOf(home);
      if (wanted === undefined || (await builtFrom(directory)) === wanted) {
        checkedAt = performance.now();
        return { is: 'current' };
      }
      if (failed?.of === wanted) return { is: 'failed', why: failed.why };
      say('Building the console (once; some seconds)');
      building ??= build(home).then((why) => {
        building = undefined;
        failed = why === undefined ? undefined : { why, of: wanted };
        say(why === undefined ? 'The console is built' : `The console could not be built: ${why}`);
        return why;
      });
      return { is: 'building' };
    },
  };
}

/** Of the names, sizes and times of all that the console is made of; undefined where a package brings it built, without sources. */
export async function fingerprintOf(home: string): Promise<string | undefined> {
  const files: string[] = [];
  for await (const file of glob(['console/src/**/*', 'console/*.{html,ts,json}', 'package-lock.json'], { cwd: home })) files.push(file);
  if (!files.some((file) => file.startsWith(join('console', 'src')))) return undefined;
  const facts = await Promise.all(
    files.sort().map(async (file) => {
      const found = await stat(join(home, file));
      return found.isFile() ? `${file} ${found.size} ${Math.floor(found.mtimeMs / 1_000)}` : '';
    }),
  );
  return createHash('sha256').update(facts.join('\n')).digest('hex');
}

async function builtFrom(directory: string): Promise<string | undefined> {
  return readFile(join(directory, stampFile), 'utf8').then(
    (text) => text.trim(),
    // Not built yet, or not to be read: both are mended by building.
    () => undefined,
  );
}

/** Resolves to why it failed. */
function build(home: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(home, 'scripts', 'build-console.ts')], { cwd: home, stdio: ['ignore', 'ignore', 'pipe'] });
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-4_000)));
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => resolve(code === 0 ? undefined : (errors.trim().split('\n')[0] ?? `the build ended with ${code}`)));
  });
}
