/** The image over this host's own programs: its /usr, read only and below, under an /etc, /var, /root and /home of its own. */

import { cp, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isStatic, linkAt, programIn } from './host-programs.ts';
import { ignoreMissing } from '../missing-files.ts';
import { isInSky } from '../sky/inside.ts';
import type { BuiltIn } from './images.ts';
import { guestVersion, initCommand, layGround, layShutdown, loginUser, put } from './tree.ts';

const gibibyte = 1024 ** 3;
const layoutVersion = '1';

export const hostUsr: BuiltIn = {
  name: 'haneul-host',
  description: "Haneul host: this machine's own /usr, with an /etc of its own",
  bytes: 8 * gibibyte,
  boot: { command: initCommand, shutdownSignal: 'SIGUSR2', lower: '/usr' },
  version: async () => guestVersion(layoutVersion, await readFile('/etc/os-release', 'utf8')),
  async obstacle() {
    if (isInSky) return "The image over this host's /usr is for containers, which need root.";
    const busybox = await programIn('busybox');
    if (busybox === undefined || !(await isStatic(busybox)))
      return "The image over this host's /usr needs a static busybox: install busybox-static, and run it again.";
    if ((await programIn('sshd')) === undefined && (await programIn('dropbear')) === undefined)
      return "The image over this host's /usr needs an SSH server: install openssh-server or dropbear-bin, and run it again.";
    return undefined;
  },
  async lay(directory) {
    const root = join(directory, 'root');
    await mkdir(join(directory, 'layer/work'), { recursive: true });
    await mkdir(join(directory, 'layer/upper'), { recursive: true });
    await mkdir(join(root, 'usr'), { recursive: true });
    await layGround(root, (await programIn('busybox'))!);
    await layShutdown(join(directory, 'layer/upper'), 'local/sbin');
    for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']) {
      const target = await linkAt(join('/', name));
      if (target !== undefined) await symlink(target, join(root, name));
    }
    await copySettings(root);
    await layAccounts(root);
    await symlink('/proc/mounts', join(root, 'etc/mtab'));
    await put(root, 'etc/hosts', '127.0.0.1 localhost\n');
    await put(root, 'etc/resolv.conf', 'nameserver 169.254.169.253\n');
    await put(root, 'etc/sudoers.d/90-haneul', `${loginUser.name} ALL=(ALL) NOPASSWD:ALL\n`, 0o440);
  },
};

/** Settings of programs that hold no secret and name no other machine. All else of /etc stays with the host. */
const settings = [
  ...[
    'alternatives',
    'ld.so.cache',
    'ld.so.conf',
    'ld.so.conf.d',
    'nsswitch.conf',
    'pam.d',
    'pam.conf',
    'login.defs',
    'security',
    'shells',
  ],
  ...['profile', 'profile.d', 'bash.bashrc', 'skel', 'debian_version', 'os-release', 'localtime', 'timezone', 'protocols', 'services'],
  ...[
    'host.conf',
    'gai.conf',
    'terminfo',
    'adduser.conf',
    'deluser.conf',
    'sudoers',
    'ca-certificates.conf',
    'ssl/certs',
    'ssl/openssl.cnf',
  ],
];

async function copySettings(root: string): Promise<void> {
  for (const name of settings) {
    const how = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true };
    await cp(join('/etc', name), join(root, 'etc', name), how).catch(ignoreMissing);
  }
  await rm(join(root, 'etc/ssl/private'), { recursive: true, force: true });
}

/** The system's own accounts without their passwords, and the user who logs in. */
async function layAccounts(root: string): Promise<void> {
  const users = systemRows(await readFile('/etc/passwd', 'utf8'));
  const groups = systemRows(await readFile('/etc/group', 'utf8'));
  const { name, id, home } = loginUser;
  const names = [...users.map(([user]) => user!), name];
  await put(root, 'etc/passwd', `${users.map((row) => `${row.join(':')}\n`).join('')}${name}:x:${id}:${id}::${home}:/bin/bash\n`);
  await put(root, 'etc/shadow', names.map((user) => `${user}:*:19000:0:99999:7:::\n`).join(''), 0o640);
  await put(root, 'etc/group', `${groups.map(([group, , number]) => `${group}:x:${number}:\n`).join('')}${name}:x:${id}:\n`);
}

/** Rows of /etc/passwd or /etc/group of the system's own accounts. */
function systemRows(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([, , number]) => number !== undefined && (Number(number) < loginUser.id || Number(number) === 65_534));
}
