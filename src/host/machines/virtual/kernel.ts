/** The kernel of QEMU's guests: this host's newest, with an initramfs of ours that knows virtio and ext4 and nothing else. */

import { createHash } from 'node:crypto';
import { access, constants, copyFile, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { MachineFailed } from '../../../framework/machines.ts';
import { shared } from '../../../framework/shared-work.ts';
import { programIn } from '../../images/host-programs.ts';
import { namesIn } from '../../missing-files.ts';
import { run } from '../../programs.ts';
import { cpio, type CpioEntry } from './cpio.ts';

export type Kernel = { image: string; initramfs: string };

const boot = '/boot';
const modules = '/lib/modules';
const script = join(import.meta.dirname, 'initramfs.sh');
/** In the order in which they stand on each other; one that is not there is built in, or not needed by this kernel. */
const wanted = [
  ...['virtio_ring', 'virtio', 'virtio_pci_legacy_dev', 'virtio_pci_modern_dev', 'virtio_pci', 'virtio_blk'],
  ...['failover', 'net_failover', 'virtio_net', 'rng-core', 'virtio-rng', 'evdev', 'button'],
  ...['crc16', 'crc32c_generic', 'libcrc32c', 'mbcache', 'jbd2', 'ext4'],
];

/** The newest version of a kernel that lies here with its modules and that this user may read, or undefined. */
export async function kernelVersion(): Promise<string | undefined> {
  const [images, trees] = await Promise.all([namesIn(boot), namesIn(modules)]);
  const versions = images.filter((name) => name.startsWith('vmlinuz-')).map((name) => name.slice('vmlinuz-'.length));
  const known = versions.filter((version) => trees.includes(version)).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  for (const version of known) if (await mayRead(join(boot, `vmlinuz-${version}`))) return version;
  return undefined;
}

const mayRead = (path: string): Promise<boolean> =>
  access(path, constants.R_OK).then(
    () => true,
    () => false,
  );

/** Both files, readable by every user. Instances that start at one time wait for one making. @param directory keeps what was made before. */
export const kernelIn = shared(async (directory): Promise<Kernel> => {
  const version = await kernelVersion();
  const busybox = await programIn('busybox');
  if (version === undefined || busybox === undefined)
    throw new MachineFailed('QEMU needs a kernel in /boot and busybox-static: install linux-image-cloud-amd64 or linux-image-generic.');
  const init = await readFile(script);
  const name = `${version}-${createHash('sha256').update(init).digest('hex').slice(0, 8)}`;
  const place = join(directory, name);
  const kernel = { image: join(place, 'vmlinuz'), initramfs: join(place, 'initramfs') };
  if ((await namesIn(directory)).includes(name)) return kernel;
  const workplace = `${place}.new`;
  await rm(workplace, { recursive: true, force: true });
  await mkdir(workplace, { recursive: true, mode: 0o755 });
  await copyFile(join(boot, `vmlinuz-${version}`), join(workplace, 'vmlinuz'));
  await writeFile(join(workplace, 'initramfs'), cpio(await entries(version, init, await readFile(busybox))));
  await run('chmod', ['644', join(workplace, 'vmlinuz'), join(workplace, 'initramfs')]);
  await rename(workplace, place);
  return kernel;
});

async function entries(version: string, init: Buffer, busybox: Buffer): Promise<CpioEntry[]> {
  const files = await readdir(join(modules, version, 'kernel'), { recursive: true });
  const found: CpioEntry[] = [];
  for (const name of wanted) {
    const file = files.find((path) => path.replace(/\.ko(\.\w+)?$/, '').endsWith(`/${name}`) && /\.ko(\.\w+)?$/.test(path));
    if (file === undefined) continue;
    const number = String(found.length).padStart(2, '0');
    found.push({ path: `modules/${number}`, bytes: await plain(join(modules, version, 'kernel', file)) });
  }
  const directories = ['bin', 'dev', 'modules', 'proc', 'root'].map((path) => ({ path }));
  return [...directories, { path: 'init', bytes: init, mode: 0o755 }, { path: 'bin/busybox', bytes: busybox, mode: 0o755 }, ...found];
}

async function plain(path: string): Promise<Buffer> {
  if (path.endsWith('.xz')) return run('xz', ['--decompress', '--stdout', path], { bytesMax: 64 * 1024 * 1024 });
  const bytes = await readFile(path);
  if (path.endsWith('.zst')) return zstdDecompressSync(bytes);
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}
