/** `npm run console`: builds the console into console/dist, presses its files, and notes what it was built from. */

import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { fingerprintOf } from '../src/cli/console-build.ts';

const home = dirname(import.meta.dirname);
const console_ = join(home, 'console');
/** The names of a build's own assets. */
const assetsFile = '.assets';
/** Smaller files gain nothing. */
const pressedBytesMin = 1_000;

const [brotli, gzipped] = [promisify(brotliCompress), promisify(gzip)];

/**
 * Into a folder beside the one that is served, whose files then take the place of the old: first what pages ask for by its hashed name,
 * then the page itself. So a visitor finds the old or the new, never half, also where two build at one moment. Files of the build before
 * stay until the next one: a page that is open asks for parts of itself whenever they are first needed.
 */
async function buildConsole(): Promise<void> {
  const wanted = await fingerprintOf(home);
  const made = join(console_, `dist.${process.pid}`);
  const vite = (await import(pathToFileURL(createRequire(join(console_, 'package.json')).resolve('vite')).href)) as typeof import('vite');
  await vite.build({ root: console_, logLevel: 'warn', build: { outDir: made, emptyOutDir: true } });
  for (const folder of [made, join(made, 'assets')]) await pressAll(folder);
  await writeFile(join(made, assetsFile), (await readdir(join(made, 'assets'))).join('\n'));
  await writeFile(join(made, '.built-from'), `${wanted}\n`);
  await serve(made, join(console_, 'dist'));
  await rm(made, { recursive: true });
}

/** Puts the build that was made in the place of the one that is served. */
export async function serve(made: string, served: string): Promise<void> {
  const assets = await readdir(join(made, 'assets'));
  await mkdir(join(served, 'assets'), { recursive: true });
  const before = await readdir(join(served, 'assets'));
  const lately = await assetsOf(served);
  for (const name of assets) await rename(join(made, 'assets', name), join(served, 'assets', name));
  const pages = (await readdir(made, { withFileTypes: true })).filter((file) => file.isFile());
  for (const { name } of pages) await rename(join(made, name), join(served, name));
  const stays = new Set([...assets, ...lately]);
  for (const name of before.filter((one) => !stays.has(one))) await rm(join(served, 'assets', name), { force: true });
}

/** What the build that is served brought; nothing where none says so. */
async function assetsOf(served: string): Promise<string[]> {
  try {
    return (await readFile(join(served, assetsFile), 'utf8')).split('\n').filter(Boolean);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return [];
  }
}

async function pressAll(folder: string): Promise<void> {
  const files = (await readdir(folder, { withFileTypes: true })).filter((file) => file.isFile() && /\.(js|css|html|svg)$/.test(file.name));
  for (const { name } of files) {
    const path = join(folder, name);
    const bytes = await readFile(path);
    if (bytes.length < pressedBytesMin) continue;
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    await Promise.all([
      writeFile(`${path}.br`, await brotli(bytes, { params })),
      writeFile(`${path}.gz`, await gzipped(bytes, { level: 9 })),
    ]);
  }
}

if (import.meta.main) await buildConsole();
