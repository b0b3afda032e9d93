/** Lays out the files that the built-in images have alike. */

import { createHash } from 'node:crypto';
import { chmod, chown, copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../programs.ts';

const guest = join(import.meta.dirname, 'guest');
export const haneulDirectory = 'var/lib/haneul';
export const loginUser = { name: 'ec2-user', id: 1000, home: '/home/ec2-user' };
export const initCommand = [`/${haneulDirectory}/init`];

/** Changes with the scripts that go into an image, and with what the caller names. */
export async function guestVersion(...more: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const name of [...guestPrograms, 'shutdown']) hash.update(await guestScript(name));
  for (const text of more) hash.update(`\0${text}`);
  return hash.digest('hex').slice(0, 16);
}

/** A file by what it holds and who may do what with it. */
export type SystemFile = { content: Buffer; mode: number };

/** What every system has in Haneul's own directory, by its name there. @param busybox must be linked statically. */
export async function ownPrograms(busybox: string): Promise<Map<string, SystemFile>> {
  const files = new Map<string, SystemFile>([['busybox', { content: await readFile(busybox), mode: 0o755 }]]);
  for (const name of guestPrograms) files.set(name, { content: await guestScript(name), mode: 0o755 });
  return files;
}

const guestPrograms = ['init', 'machine', 'network', 'agent', 'volume', 'cloud'] as const;

/** A script of the guest's by its name: `init`. */
export const guestScript = (name: string): Promise<Buffer> => readFile(join(guest, `${name}.sh`));

/** What cloud-init of a system is told. */
export const cloudInitSettings = (): Promise<Buffer> => readFile(join(guest, 'cloud-init.cfg'));

/** The directories of a system, the first process and busybox. `busybox` must be linked statically. */
export async function layGround(root: string, busybox: string): Promise<void> {
  for (const directory of groundDirectories) await mkdir(join(root, directory), { recursive: true });
  for (const [directory, mode] of [
    ['tmp', 0o1777],
    ['var/tmp', 0o1777],
    ['root', 0o700],
  ] as const)
    await chmod(join(root, directory), mode);
  for (const [name, { content, mode }] of await ownPrograms(busybox)) await put(root, `${haneulDirectory}/${name}`, content, mode);
  await mkdir(join(root, loginUser.home), { recursive: true, mode: 0o700 });
  await chown(join(root, loginUser.home), loginUser.id, loginUser.id);
}

export const groundDirectories = [
  ...['etc', 'proc', 'sys', 'dev', 'run', 'tmp', 'root', 'home', 'mnt', 'media', 'opt', 'srv', 'boot'],
  ...['var/lib', 'var/log', 'var/tmp', 'var/cache', 'var/spool', haneulDirectory],
];

/** The commands that shut a system down, where a directory of commands is. */
export async function layShutdown(root: string, directory: string): Promise<void> {
  const script = await guestScript('shutdown');
  for (const name of ['shutdown', 'poweroff', 'halt', 'reboot']) await put(root, `${directory}/${name}`, script, 0o755);
}

export async function put(root: string, path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content, { mode });
  await chmod(join(root, path), mode);
}

/** The top directories that are links into /usr on a merged system. */
export async function linkIntoUsr(root: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(root, 'usr', name), { recursive: true });
    await symlink(`usr/${name}`, join(root, name));
  }
}

/** Programs and the shared libraries that they load, at the places where they are on this host. */
export async function copyWithLibraries(root: string, programs: readonly string[]): Promise<void> {
  const paths = new Set(programs);
  for (const program of programs) {
    const listed = await run('ldd', [program]);
    for (const [path] of listed.toString().matchAll(/(?<=\s)\/\S+(?= \(0x)/g)) paths.add(path);
  }
  for (const path of paths) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await copyFile(path, join(root, path));
  }
}
