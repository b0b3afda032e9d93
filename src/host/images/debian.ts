/** Debian's own root file system, made by mmdebstrap from the mirrors that this machine's apt uses. */

import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { namesIn, readText } from '../missing-files.ts';
import { programPath } from '../programs.ts';
import { ImageRefused } from './archives.ts';
import { programIn } from './host-programs.ts';

/** By the names that images have. */
export const debianReleases: Readonly<Record<string, string>> = { 'debian-11': 'bullseye', 'debian-12': 'bookworm', 'debian-13': 'trixie' };

const packages = [
  ...['openssh-server', 'iproute2', 'iputils-ping', 'procps', 'ca-certificates', 'curl', 'less', 'sudo', 'e2fsprogs'],
  'cloud-init',
];
const stages = [
  ...[/running apt-get update/, /downloading packages with apt/, /extracting archives/, /installing essential packages/],
  ...[/installing remaining packages/, /cleaning package lists/, /creating tarball/],
];

/** Where apt finds a release on this machine; the official mirror where it knows none. */
async function mirrorsOf(release: string): Promise<string[]> {
  const names = await namesIn('/etc/apt/sources.list.d');
  const files = ['/etc/apt/sources.list', ...names.map((name) => join('/etc/apt/sources.list.d', name))].filter((file) =>
    /\.(list|sources)$/.test(file),
  );
  const fitting: string[] = [];
  for (const file of files) {
    const text = (await readText(file)) ?? '';
    const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#'));
    if (lines.some((line) => new RegExp(`(^|\\s)${release}(\\s|$)`).test(line))) fitting.push(file);
  }
  return fitting.length > 0 ? fitting : ['http://deb.debian.org/debian'];
}

/**
 * Makes a tar of a release. Its processes and mounts are in namespaces that end with this process, however that ends.
 * Rejects with ImageRefused. @param told how many of how many steps are done, and what comes now.
 */
export async function makeDebian(
  name: string,
  tar: string,
  work: string,
  told: (done: number, of: number, step: string) => void,
): Promise<void> {
  const release = debianReleases[name]!;
  for (const [program, bringing] of [
    ['mmdebstrap', 'mmdebstrap'],
    ['unshare', 'util-linux'],
    ['setpriv', 'util-linux'],
  ] as const)
    if ((await programIn(program)) === undefined) throw new ImageRefused(`${program} is not on this machine: install ${bringing}`);
  await mkdir(work, { recursive: true, mode: 0o755 });
  const jail = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const command = ['mmdebstrap', '--mode=root', '--variant=minbase', '--format=tar', `--include=${packages.join(',')}`];
  const child = spawn('setpriv', [...jail, ...command, release, tar, ...(await mirrorsOf(release))], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: programPath, LC_ALL: 'C', TMPDIR: work },
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  let last: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    last = [...last.slice(-20), line];
    const at = stages.findIndex((stage) => stage.test(line));
    if (at >= 0) told(at, stages.length, line.replace(/^I: /, '').replace(/\.+$/, ''));
  }
  const code = await ended;
  if (code !== 0)
    throw new ImageRefused(
      `mmdebstrap ended with ${code}: ${last.filter((line) => line.startsWith('E:')).join('; ') || last.slice(-3).join('; ')}`,
    );
}
