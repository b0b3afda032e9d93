/** The tiny image: busybox and dropbear, a few megabytes, made of what Debian's packages busybox-static and dropbear-bin bring. */

import { link, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isStatic, programIn } from './host-programs.ts';
import type { BuiltIn } from './images.ts';
import { copyWithLibraries, guestVersion, initCommand, layGround, layShutdown, linkIntoUsr, loginUser, put } from './tree.ts';
import { run } from '../programs.ts';

const gibibyte = 1024 ** 3;
const layoutVersion = '1';

export const tiny: BuiltIn = {
  name: 'haneul-tiny',
  description: 'Haneul tiny: busybox and dropbear',
  bytes: 8 * gibibyte,
  boot: { command: initCommand, shutdownSignal: 'SIGUSR2', lower: '' },
  version: async () => guestVersion(layoutVersion),
  async obstacle() {
    const busybox = await programIn('busybox');
    if (busybox === undefined || !(await isStatic(busybox)))
      return 'The tiny image needs a static busybox: install busybox-static, and run it again.';
    if ((await programIn('dropbear')) === undefined) return 'The tiny image needs dropbear: install dropbear-bin, and run it again.';
    return undefined;
  },
  async lay(root) {
    const busybox = (await programIn('busybox'))!;
    await layGround(root, busybox);
    await linkIntoUsr(root, ['bin', 'sbin', 'lib', 'lib64']);
    await copyWithLibraries(root, [(await programIn('dropbear'))!, (await programIn('dropbearkey'))!]);
    await linkApplets(root);
    await layShutdown(root, 'usr/local/sbin');
    for (const [path, text, mode] of files) await put(root, path, text, mode);
    await symlink('/proc/mounts', join(root, 'etc/mtab'));
  },
};

/** One file under every name by which busybox is called; `bash` is its shell, for scripts that ask for bash and need little of it. */
async function linkApplets(root: string): Promise<void> {
  const busybox = join(root, 'var/lib/haneul/busybox');
  const names = (await run(busybox, ['--list'])).toString().trim().split('\n');
  for (const name of names) if (!replaced.has(name)) await link(busybox, join(root, 'usr/bin', name));
  await put(root, 'usr/bin/bash', '#!/usr/bin/busybox sh\n', 0o755);
  await mkdir(join(root, 'usr/share/udhcpc'), { recursive: true });
}

/** By the scripts of `layShutdown`. */
const replaced = new Set(['poweroff', 'halt', 'reboot']);

const { name, id, home } = loginUser;
const files: readonly (readonly [path: string, text: string, mode: number])[] = [
  [
    'etc/passwd',
    `root:x:0:0:root:/root:/bin/sh\n${name}:x:${id}:${id}::${home}:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n`,
    0o644,
  ],
  ['etc/shadow', ['root', name, 'nobody'].map((user) => `${user}:*:19000:0:99999:7:::\n`).join(''), 0o600],
  ['etc/group', `root:x:0:\ntty:x:5:\ndisk:x:6:\n${name}:x:${id}:\nnogroup:x:65534:\n`, 0o644],
  ['etc/hosts', '127.0.0.1 localhost\n', 0o644],
  ['etc/shells', '/bin/sh\n/bin/ash\n/bin/bash\n', 0o644],
  ['etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n', 0o644],
  ['etc/resolv.conf', 'nameserver 169.254.169.253\n', 0o644],
  ['etc/os-release', 'NAME="Haneul tiny"\nPRETTY_NAME="Haneul tiny"\nID=haneul\nVERSION_ID=1\n', 0o644],
  ['etc/profile', 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n', 0o644],
];
