/** An ordinary user of this machine, made for a test, who runs Haneul: in a mount namespace where he finds this tree, wherever it lies. */

import { randomBytes } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { run, runAnyhow } from '../../src/host/programs.ts';
import { haneul, type Home } from '../journeys/running-haneul.ts';

export type OrdinaryUser = Home & { name: string };

const tree = join(import.meta.dirname, '..', '..');
const idsEach = 65_536;
/**
 * The tree may lie where nobody but root goes, and the device of taps be root's alone where no udev has opened it: what he is shown instead
 * is his, and ends with the last process there.
 */
const enter = `
set -e
mount --bind "$1" "$2"
if [ "$(stat -c %a /dev/net/tun)" != 666 ]; then
  mount -t tmpfs -o mode=755 taps "$3"
  mknod -m 666 "$3/tun" c 10 200
  mount --bind "$3/tun" /dev/net/tun
fi
user=$4
program=$2/haneul
shift 4
exec setpriv "--reuid=$user" "--regid=$user" --init-groups "$program" "$@"
`;

/** Made with ids of his own beside; rejects where this machine cannot. */
export async function makeOrdinaryUser(): Promise<OrdinaryUser> {
  const name = `hn-test-${randomBytes(4).toString('hex')}`;
  await run('useradd', ['--create-home', '--user-group', '--shell', '/bin/sh', name]);
  const directory = join('/home', name);
  try {
    await grantIds(name);
    const [place, taps] = [join(directory, 'haneul'), join(directory, 'taps')];
    await run('setpriv', [`--reuid=${name}`, `--regid=${name}`, '--init-groups', 'mkdir', place, taps]);
    const environment = { PATH: process.env['PATH'] ?? '', HOME: directory, LANG: 'C.UTF-8', NO_COLOR: '1' };
    return {
      ...{ name, directory, environment: { ...environment, HANEUL_DATA: join(directory, 'cloud') } },
      program: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', enter, 'sh', tree, place, taps, name],
      remove: () => removeUser(name),
    };
  } catch (error) {
    await removeUser(name);
    throw error;
  }
}

const removeUser = async (name: string): Promise<void> => void (await run('userdel', ['--remove', name]));

/** Distributions that do not do so by themselves, and containers without the files, give an ordinary user none. */
async function grantIds(name: string): Promise<void> {
  const ranges = (await readFile('/etc/subuid', 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
  if (ranges.some(([owner]) => owner === name)) return;
  const first = Math.max(100_000, ...ranges.map(([, from, count]) => Number(from ?? 0) + Number(count ?? 0)));
  const range = `${first}-${first + idsEach - 1}`;
  await run('usermod', ['--add-subuids', range, '--add-subgids', range, name]);
}

/** Why this machine lets him have no instances, as `haneul doctor` says it; undefined where it does. */
export async function obstacleFor(user: OrdinaryUser): Promise<string | undefined> {
  const { stdout, stderr } = await haneul(user, 'doctor', '--json');
  if (stdout === '') return stderr;
  const findings = JSON.parse(stdout) as { name: string; state: string; detail: string }[];
  const finding = findings.find((one) => one.name === 'rootless')!;
  return finding.state === 'ok' ? undefined : finding.detail;
}

/** Processes of his, and of the users that he has made of his ids. */
export async function processesOf({ name }: OrdinaryUser): Promise<string[]> {
  const own = Number((await run('id', ['-u', name])).toString());
  const [, first, count] = (await readFile('/etc/subuid', 'utf8'))
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))!
    .split(':')
    .map(Number) as [number, number, number];
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    // One may end while it is looked at.
    const uid = await stat(`/proc/${pid}`).then(
      (status) => status.uid,
      () => -1,
    );
    if (uid === own || (uid >= first && uid < first + count))
      found.push(`${pid} ${(await runAnyhow('cat', [`/proc/${pid}/cmdline`])).stdout.toString().replaceAll('\0', ' ')}`);
  }
  return found;
}
