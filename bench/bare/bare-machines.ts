/** Machines by the bare means of the host, as a script would start them: what Haneul's instances are measured beside. */

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, glob, mkdir, mkdtemp, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

export const run = promisify(execFile);

const here = import.meta.dirname;
/** Of the network 10.77.0.0/16. */
const gateway = '10.77.0.1';
const metadata = '169.254.169.254';
const capabilities = [
  ...['CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP'],
  ...['NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE'],
].map((name) => `CAP_${name}`);

export type Answers = {
  /** Seconds since the beginning until a port answered, `10.0.0.1:22`. */
  until(port: string): Promise<number>;
  /** Resolves when all have answered. */
  all: Promise<number>;
};

/** Watches ports from inside a network. */
export function watch(namespace: string, ports: readonly string[]): Answers {
  const begun = process.hrtime.bigint();
  const seconds = (): number => Number(process.hrtime.bigint() - begun) / 1e9;
  const child = spawn('ip', ['netns', 'exec', namespace, 'perl', join(here, 'answers.pl'), ...ports], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const found = new Map(ports.map((port) => [port, Promise.withResolvers<number>()]));
  createInterface({ input: child.stdout }).on('line', (port) => found.get(port)?.resolve(seconds()));
  const all = once(child, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`nobody can watch from ${namespace} (${code})`);
    return seconds();
  });
  return { until: (port) => Promise.race([found.get(port)!.promise, all]), all };
}

export type BareMachine = { id: string; address: string; end(): Promise<void> };

export type Bare = {
  /** The network in which they are reached. */
  namespace: string;
  container(): Promise<BareMachine>;
  machine(emulator: 'uml' | 'tcg', kernel: { image: string; initramfs: string }): Promise<BareMachine>;
  /** An address that the next machine will have. */
  nextAddress(ahead?: number): string;
  close(): Promise<void>;
};

/** @param image the file of the tiny image. @param userData run by each. */
export async function openBare(image: string, userData: string): Promise<Bare> {
  const directory = await mkdtemp(join(tmpdir(), 'haneul-bare-'));
  const namespace = `bare-${process.pid}`;
  const tree = join(directory, 'tree');
  await mkdir(tree);
  await run('cp', ['--sparse=always', image, join(directory, 'disk')]);
  await run('mount', ['-o', 'loop', join(directory, 'disk'), tree]);
  await copyFile(join(here, 'init.sh'), join(tree, 'bare-init'));
  // The machines' disks are copies: their tree is to be whole on the disk.
  await run('sync', ['--file-system', tree]);
  await writeFile(join(directory, 'router'), namespace);
  await writeFile(join(directory, 'config.json'), JSON.stringify(bundle()));
  await mkdir(join(directory, 'pages'));
  await writeFile(join(directory, 'pages', 'user-data'), userData);
  await run('ip', ['netns', 'add', namespace]);
  const lines = [
    'link set lo up',
    `addr add ${metadata}/32 dev lo`,
    'link add br0 type bridge',
    `addr add ${gateway}/16 dev br0`,
    'link set br0 up',
  ];
  for (const line of lines) await run('ip', ['-n', namespace, ...line.split(' ')]);
  const pages = ['busybox', 'httpd', '-f', '-p', `${metadata}:80`, '-h', join(directory, 'pages')];
  const server = spawn('ip', ['netns', 'exec', namespace, ...pages], { stdio: 'ignore' });
  let made = 0;
  const addressOf = (number: number): string => `10.77.1.${number + 1}`;
  return {
    namespace,
    nextAddress: (ahead = 0) => addressOf(made + ahead),
    async container() {
      const [address, id] = [addressOf(made), `c${process.pid}x${made++}`];
      await run('sh', [join(here, 'container.sh'), 'start', directory, tree, id, address]);
      return { id, address, end: async () => void (await run('sh', [join(here, 'container.sh'), 'end', directory, tree, id, address])) };
    },
    async machine(emulator, { image: kernel, initramfs }) {
      const [address, id] = [addressOf(made), `m${process.pid}x${made++}`];
      const words = [join(here, 'machine.sh'), emulator, directory, id, address, kernel, initramfs];
      const child = spawn('sh', words, { stdio: 'ignore', detached: true });
      return { id, address, end: () => endMachine(child, namespace, id, join(directory, id)) };
    },
    async close() {
      server.kill('SIGKILL');
      await run('umount', [tree]);
      await run('ip', ['netns', 'del', namespace]);
      for await (const group of glob('/sys/fs/cgroup/{,*/}haneul-bare')) await rmdir(group);
      for (const name of await readdir(directory)) await rm(join(directory, name), { recursive: true });
      await rm(directory, { recursive: true });
    },
  };
}

async function endMachine(child: ChildProcess, namespace: string, id: string, place: string): Promise<void> {
  const gone = once(child, 'exit');
  process.kill(-child.pid!, 'SIGKILL');
  await gone;
  await run('ip', ['-n', namespace, 'link', 'del', `t${id}`]);
  await rm(place, { recursive: true });
}

const bundle = (): object => ({
  ociVersion: '1.0.2',
  root: { path: 'root' },
  process: {
    user: { uid: 0, gid: 0 },
    args: ['/bare-init'],
    env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
    cwd: '/',
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
  },
  mounts: [
    ...(
      [
        ['/proc', 'proc', []],
        ['/dev', 'tmpfs', ['nosuid', 'mode=755', 'size=65536k']],
        ['/dev/pts', 'devpts', ['newinstance', 'ptmxmode=0666', 'mode=0620']],
        ['/dev/shm', 'tmpfs', []],
        ['/run', 'tmpfs', ['mode=755']],
      ] as const
    ).map(([destination, type, options]) => ({ destination, type, source: type, options })),
  ],
  linux: {
    namespaces: [...['pid', 'mount', 'uts', 'ipc'].map((type) => ({ type })), { type: 'network', path: '/run/netns/bare-ID' }],
    cgroupsPath: '/haneul-bare/ID',
    resources: { memory: { limit: 512 * 1024 * 1024 }, cpu: { quota: 200_000, period: 100_000 }, pids: { limit: 512 } },
    maskedPaths: ['/proc/kcore', '/proc/sysrq-trigger'],
    readonlyPaths: ['/proc/sys'],
  },
});
