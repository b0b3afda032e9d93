/** Paths inside a tree of files that a stranger made: its links lead within the tree, as they would for a system that has it as its root. */

import { chmod, lstat, mkdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreMissing } from '../missing-files.ts';
import { ImageRefused } from './archives.ts';

const linksMax = 40;
/** Files of a system that say how it is set up are never so large. */
const textBytesMax = 16 * 1024 * 1024;

/**
 * Where a path of the tree lies on the host; all of its directories are real ones below `root`, and are made when they are missing.
 * The last part is not followed. Rejects with ImageRefused where a directory should be and something else is, and for links that do not end.
 */
export async function placeIn(root: string, path: string): Promise<string> {
  const ahead = path.split('/').filter(isPart);
  const last = ahead.pop();
  if (last === undefined || last === '..') throw new Error(`'${path}' names no file`);
  const way: string[] = [];
  for (let links = 0; ahead.length > 0;) {
    const part = ahead.shift()!;
    if (part === '..') {
      way.pop();
      continue;
    }
    const here = join(root, ...way, part);
    const found = await lstat(here).catch(ignoreMissing);
    if (found?.isSymbolicLink()) {
      if (++links > linksMax) throw new ImageRefused(`the links at /${path} do not end`);
      const target = await readlink(here);
      if (target.startsWith('/')) way.length = 0;
      ahead.unshift(...target.split('/').filter(isPart));
      continue;
    }
    if (found && !found.isDirectory()) throw new ImageRefused(`/${[...way, part].join('/')} is no directory`);
    if (!found) await mkdir(here, { mode: 0o755 });
    way.push(part);
  }
  return join(root, ...way, last);
}

const isPart = (part: string): boolean => part !== '' && part !== '.';

/** The text of a file; empty where there is none, or something else. Rejects with ImageRefused for one that is too large to be such a file. */
export async function textIn(root: string, path: string): Promise<string> {
  const place = await placeIn(root, path);
  const found = await lstat(place).catch(ignoreMissing);
  if (!found?.isFile()) return '';
  if (found.size > textBytesMax) throw new ImageRefused(`/${path} is larger than ${textBytesMax} bytes`);
  return readFile(place, 'utf8');
}

/** Writes a file in place of whatever is there. */
export async function putIn(root: string, path: string, content: string | Uint8Array, mode = 0o644): Promise<string> {
  const place = await placeIn(root, path);
  await rm(place, { recursive: true, force: true });
  await writeFile(place, content, { mode, flag: 'wx' });
  await chmod(place, mode);
  return place;
}

/** Makes a directory unless something is there. */
export async function directoryIn(root: string, path: string, mode = 0o755): Promise<string> {
  const place = await placeIn(root, path);
  if (await lstat(place).catch(ignoreMissing)) return place;
  await mkdir(place, { mode });
  await chmod(place, mode);
  return place;
}
