/**
 * What tests have left on the machine when all of them are done: processes, namespaces, mounts, loop devices, bridges, filters, control groups.
 *
 * All that they make lies below one directory of this run, or bears a name that is made of one that does. So neither what was there before
 * nor another Haneul on the same machine is blamed.
 */

import { chmodSync, existsSync, globSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { namedAfter } from '../src/host/machines/run-directory.ts';
import { labelOf } from '../src/host/networks/names.ts';

export type Leftovers = {
  /** Where the tests of this run put what they make: their TMPDIR. */
  place: string;
  /** What is still there, a line each. The machine is given some seconds to let go of what has been ended. */
  find(triesMax?: number): Promise<string[]>;
  /** Takes the place away, where nothing of it is in use. */
  close(): void;
};

/** Where a cloud's data lies in a directory that a test has made. */
const dataPlaces = ['', 'cloud', 'data'];
const driverPlaces = ['machines', 'virtual-machines'];
const waitMilliseconds = 250;
const defaultTriesMax = 60;

/** Begins to watch. */
export function watchLeftovers(): Leftovers {
  const place = realpathSync(mkdtempSync(join(tmpdir(), 'hn-')));
  // Programs that tests run as other users have places in here too, as in any directory for temporary files.
  chmodSync(place, 0o1777);
  const seen = new Set<string>();
  const watcher = watch(place, (_event, name) => void (name !== null && seen.add(name)));
  return {
    place,
    async find(triesMax = defaultTriesMax) {
      for (const name of readdirSync(place)) seen.add(name);
      for (let tries = 1; ; tries++) {
        const found = process.platform === 'linux' ? leftOf(place, seen) : [];
        if (found.length === 0 || tries === triesMax) return found;
        await pause(waitMilliseconds);
      }
    },
    close() {
      watcher.close();
      if (!mounts().some((line) => line.includes(place))) rmSync(place, { recursive: true, force: true });
    },
  };
}

function leftOf(place: string, seen: ReadonlySet<string>): string[] {
  const data = [...seen].flatMap((name) => dataPlaces.map((more) => join(place, name, more)));
  const labels = new Set(data.map(labelOf));
  const clouds = new Set(data.flatMap((path) => driverPlaces.map((driver) => namedAfter(join(path, driver)).cloud)));
  const isOurs = (name: string): boolean => name.includes(basename(place)) || labels.has(/^hn-([0-9a-f]{6})(?:-|$)/.exec(name)?.[1] ?? '');
  return [
    ...processes(place),
    ...namesIn('/run/netns').flatMap((name) => (isOurs(name) ? [`the network namespace ${name}`] : [])),
    ...namesIn('/sys/class/net').flatMap((name) => (isOurs(name) ? [`the network device ${name}`] : [])),
    ...tables().flatMap((name) => (isOurs(name) ? [`the nft table ${name}`] : [])),
    ...mounts().flatMap((line) => (line.includes(place) ? [`the mount ${line.split(' ')[4]}`] : [])),
    ...loops().flatMap(({ device, file }) => (file.startsWith(`${place}/`) ? [`the loop device ${device} of ${file}`] : [])),
    ...namesIn('/run/haneul').flatMap((name) => (clouds.has(name) ? [`the directory /run/haneul/${name}`] : [])),
    ...groups().flatMap((path) => (clouds.has(basename(path)) ? [`the control group ${path}`] : [])),
  ];
}

/** Those whose command or environment names the place. */
function processes(place: string): string[] {
  return namesIn('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    const command = textOf(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
    const names = command.includes(place) || textOf(`/proc/${name}/environ`).includes(place);
    return names ? [`the process ${name}: ${command.slice(0, 200)}`] : [];
  });
}

const groups = (): string[] => globSync(['/sys/fs/cgroup/haneul/*/', '/sys/fs/cgroup/*/haneul/*/']).map((path) => path.replace(/\/$/, ''));

const loops = (): { device: string; file: string }[] =>
  namesIn('/sys/block').map((name) => ({ device: `/dev/${name}`, file: textOf(`/sys/block/${name}/loop/backing_file`).trim() }));

const mounts = (): string[] => textOf('/proc/self/mountinfo').split('\n');

/** `hn-…` of `table inet hn-…`; nothing for one who may not look. */
function tables(): string[] {
  const { stdout } = spawnSync('nft', ['list', 'tables'], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').flatMap((line) => line.split(' ')[2] ?? []);
}

const namesIn = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : []);

/** Empty for what has gone, and for what this user may not read: it is another one's. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
