/** Makes a root file system that came from elsewhere boot here: the first process, a way in by SSH, a user who logs in, and a name server. */

import { chown, lstat } from 'node:fs/promises';
import { ignoreMissing } from '../missing-files.ts';
import { programIn } from './host-programs.ts';
import type { Boot } from './images.ts';
import { directoryIn, placeIn, putIn, textIn } from './place.ts';
import { sshServer } from './ssh-server.ts';
import { tiny } from './tiny.ts';
import {
  cloudInitSettings,
  groundDirectories,
  guestScript,
  haneulDirectory,
  initCommand,
  loginUser,
  ownPrograms,
  type SystemFile,
} from './tree.ts';

export const foreignBoot: Boot = { command: initCommand, shutdownSignal: 'SIGUSR2', lower: '' };

/** Why images from elsewhere cannot be made to boot here, for a user. */
export const foreignObstacle = (): Promise<string | undefined> => tiny.obstacle();

/** Rejects with ImageRefused. @param root holds the whole tree, which nobody else changes meanwhile; its links are not trusted. */
export async function settleForeign(root: string): Promise<void> {
  for (const path of groundDirectories) await directoryIn(root, path, path === 'tmp' || path === 'var/tmp' ? 0o1777 : 0o755);
  await putOwn(root, await ownPrograms((await programIn('busybox'))!));
  for (const name of ['shutdown', 'poweroff', 'halt', 'reboot'])
    await putIn(root, `usr/local/sbin/${name}`, await guestScript('shutdown'), 0o755);
  await putIn(root, 'etc/resolv.conf', 'nameserver 169.254.169.253\n');
  await addLoginUser(root);
  if (await exists(root, 'usr/bin/cloud-init')) await putIn(root, 'etc/cloud/cloud.cfg.d/99_haneul.cfg', await cloudInitSettings());
  // The first process serves, and starts the server again when somebody stops it: as Debian has it, nobody else starts one.
  if (await exists(root, 'etc/init.d/ssh')) await putIn(root, 'etc/ssh/sshd_not_to_be_run', '');
  if (!(await exists(root, 'usr/sbin/sshd'))) await putOwn(root, await sshServer());
}

async function putOwn(root: string, files: ReadonlyMap<string, SystemFile>): Promise<void> {
  for (const [path, { content, mode }] of files) await putIn(root, `${haneulDirectory}/${path}`, content, mode);
}

async function exists(root: string, path: string): Promise<boolean> {
  return (await lstat(await placeIn(root, path)).catch(ignoreMissing)) !== undefined;
}

/** The user whom EC2's images have, with a number that nobody has. */
async function addLoginUser(root: string): Promise<void> {
  const passwd = (await textIn(root, 'etc/passwd')) || 'root:x:0:0:root:/root:/bin/sh\n';
  const group = (await textIn(root, 'etc/group')) || 'root:x:0:\n';
  const { name, home } = loginUser;
  const named = passwd.split('\n').find((line) => line.startsWith(`${name}:`));
  if (named === undefined) {
    const taken = new Set([...passwd.split('\n'), ...group.split('\n')].map((line) => Number(line.split(':')[2])));
    let { id } = loginUser;
    while (taken.has(id)) id++;
    const shell = (await exists(root, 'bin/bash')) ? '/bin/bash' : '/bin/sh';
    await putIn(root, 'etc/passwd', `${withNewline(passwd)}${name}:x:${id}:${id}::${home}:${shell}\n`);
    await putIn(root, 'etc/group', `${withNewline(group)}${name}:x:${id}:\n`);
    const shadow = await textIn(root, 'etc/shadow');
    await putIn(root, 'etc/shadow', `${withNewline(shadow)}${name}:*:19000:0:99999:7:::\n`, 0o640);
    await chown(await directoryIn(root, home, 0o700), id, id);
  }
  if (await exists(root, 'etc/sudoers.d')) await putIn(root, 'etc/sudoers.d/90-haneul', `${name} ALL=(ALL) NOPASSWD:ALL\n`, 0o440);
  if (!(await exists(root, 'etc/hosts'))) await putIn(root, 'etc/hosts', '127.0.0.1 localhost\n');
}

const withNewline = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
