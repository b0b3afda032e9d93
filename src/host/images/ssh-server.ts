/** The SSH server for systems that have none: dropbear with libraries of its own, so that the system's need not fit. */

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { run } from '../programs.ts';
import { programIn } from './host-programs.ts';
import type { SystemFile } from './tree.ts';

const directory = 'ssh/lib';

/**
 * Its files by their paths below Haneul's own directory of a system; none where this host has no dropbear. The loader alone is to be
 * executable: dropbear would run itself once more for each visitor, by the loader and the libraries of the system.
 */
export async function sshServer(): Promise<Map<string, SystemFile>> {
  const files = new Map<string, SystemFile>();
  const add = async (path: string): Promise<void> => {
    const name = basename(path);
    files.set(`${directory}/${name}`, { content: await readFile(path), mode: name.startsWith('ld-') ? 0o755 : 0o644 });
  };
  for (const name of ['dropbear', 'dropbearkey']) {
    const program = await programIn(name);
    if (program === undefined) return new Map();
    for (const [, path] of (await run('ldd', [program])).toString().matchAll(/\s(\/\S+) \(0x/g)) await add(path!);
    await add(program);
  }
  return files;
}
