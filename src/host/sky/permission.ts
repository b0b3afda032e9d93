/** Whether an ordinary user of this machine may have namespaces of his own in which instances run, and what forbids it. */

import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { programIn } from '../images/host-programs.ts';
import { ignoreMissing, readText } from '../missing-files.ts';
import { raise, type Ids } from './raising.ts';

/** `nobody`, the last user that systems know, is the 65,535th. */
const idsMin = 65_536;

/** What `raise` needs, or why it would fail, in words for a user that say what to do. */
export type Permission = { allowed: Ids } | { obstacle: string };

/** By what the machine says of itself; nothing is tried. */
export async function permissionHere(): Promise<Permission> {
  if (process.platform !== 'linux') return { obstacle: `instances need Linux; this is ${process.platform}` };
  if ((await stat('/proc/self/ns/user').catch(ignoreMissing)) === undefined) return { obstacle: 'this kernel has no user namespaces' };
  const forbidden = await forbiddenBy(setting);
  if (forbidden !== undefined) return { obstacle: forbidden };
  if ((await programIn('newuidmap')) === undefined || (await programIn('newgidmap')) === undefined)
    return { obstacle: 'newuidmap is not on this machine: install uidmap' };
  const { name, id } = self();
  const [users, groups] = await Promise.all(['/etc/subuid', '/etc/subgid'].map((file) => rangeIn(file, name, id)));
  if (users === undefined || groups === undefined) {
    const range = '100000-165535';
    const which = users === undefined ? '/etc/subuid' : '/etc/subgid';
    return {
      obstacle: `${name} has not ${idsMin} ids of its own in ${which}: sudo usermod --add-subuids ${range} --add-subgids ${range} ${name}, with a range that nobody has`,
    };
  }
  const closed = await tunIsClosed();
  return closed === undefined ? { allowed: { users, groups } } : { obstacle: closed };
}

/** The same, and whether it holds when it is tried. Undefined where an ordinary user may have a sky. */
export async function skyObstacle(): Promise<string | undefined> {
  const permission = await permissionHere();
  if ('obstacle' in permission) return permission.obstacle;
  const result = await raise('', permission.allowed);
  return result.kind === 'failed' ? explained(result.reason) : undefined;
}

/** What the kernel says where it refuses, in words that help. */
export async function explained(reason: string, look = setting): Promise<string> {
  if (/^(mount|unshare)/.test(reason) && (await look('kernel/apparmor_restrict_unprivileged_userns')) === '1')
    return (
      'AppArmor restricts user namespaces of ordinary users (kernel.apparmor_restrict_unprivileged_userns=1): ' +
      'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'
    );
  return `the kernel refuses namespaces of ordinary users: ${reason}`;
}

/** @param setting gives what a setting of the kernel is; undefined for one that this kernel does not have. */
export async function forbiddenBy(setting: (name: string) => Promise<string | undefined>): Promise<string | undefined> {
  if ((await setting('kernel/unprivileged_userns_clone')) === '0')
    return 'kernel.unprivileged_userns_clone=0 forbids user namespaces of ordinary users: sudo sysctl -w kernel.unprivileged_userns_clone=1';
  if ((await setting('user/max_user_namespaces')) === '0')
    return 'user.max_user_namespaces=0 forbids user namespaces: sudo sysctl -w user.max_user_namespaces=10000';
  return undefined;
}

const setting = async (name: string): Promise<string | undefined> => (await readText(`/proc/sys/${name}`))?.trim();

function self(): { name: string; id: number } {
  const id = process.getuid!();
  try {
    return { name: userInfo().username, id };
  } catch {
    // Nobody has written down a name for this user; his number serves as well.
    return { name: String(id), id };
  }
}

/** The first range of a user that is large enough, as `FIRST COUNT`. */
async function rangeIn(file: string, name: string, id: number): Promise<{ first: number; count: number } | undefined> {
  const text = (await readFile(file, 'utf8').catch(ignoreMissing)) ?? '';
  for (const line of text.split('\n')) {
    const [owner, first, count] = line.split(':');
    if ((owner === name || owner === String(id)) && Number(count) >= idsMin) return { first: Number(first), count: idsMin };
  }
  return undefined;
}

/** Emulators are users of their own: neither its owner nor of its group. */
async function tunIsClosed(): Promise<string | undefined> {
  const device = await stat('/dev/net/tun').catch(ignoreMissing);
  if (!device) return '/dev/net/tun is not there: sudo modprobe tun';
  return (device.mode & 0o006) === 0o006 ? undefined : '/dev/net/tun cannot be opened by ordinary users: sudo chmod 666 /dev/net/tun';
}
