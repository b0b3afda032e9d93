/** Loop devices: through which files of this host are used as disks. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MachineFailed } from '../../framework/machines.ts';
import { namesIn } from '../missing-files.ts';
import { run, runAnyhow } from '../programs.ts';

/**
 * Those of a file, by its name: a view that covers the file counts too, which is another file with the same name.
 * A name that is longer than the kernel keeps in its short form is read in full.
 */
export async function loopDevicesOf(path: string): Promise<string[]> {
  return (await loopDevices()).filter(({ file }) => file === path).map(({ device }) => device);
}

export async function loopDevices(): Promise<{ device: string; file: string }[]> {
  const names = (await namesIn('/sys/block')).filter((name) => /^loop\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      // A device without a file has none of this; one may lose its file while it is looked at.
      const file = await readFile(`/sys/block/${name}/loop/backing_file`, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (!['ENOENT', 'ENODEV', 'ENXIO'].includes(error.code ?? '')) throw error;
      });
      return file === undefined ? [] : [{ device: `/dev/${name}`, file: file.replace(/\n$/, '').replace(/ \(deleted\)$/, '') }];
    }),
  );
  return found.flat();
}

export async function newLoop(path: string): Promise<string> {
  return (await run('losetup', ['--find', '--show', path])).toString().trim();
}

const extension = import.meta.filename.endsWith('.ts') ? '.ts' : '.js';

/** The same for an encrypted file, with the layer between that decrypts and encrypts. Its process ends with the loop device. */
export async function newSealedLoop(path: string, key: Uint8Array): Promise<string> {
  const here = join(import.meta.dirname, 'layer');
  const parameters = [join(here, 'lay.pl'), path, process.execPath, join(here, `layer${extension}`)];
  const { code, stdout, stderr } = await runAnyhow('perl', parameters, { input: key });
  if (code === 0) return stdout.toString().trim();
  throw new MachineFailed(`An encrypted volume cannot be attached: it needs root and FUSE (/dev/fuse): ${stderr.toString().trim()}`);
}

export async function dropLoops(path: string): Promise<void> {
  for (const device of await loopDevicesOf(path)) await dropLoop(device, path);
}

/** One that a mount had goes by itself with the mount, perhaps at this moment: that it is gone is all that is wanted. */
export async function dropLoop(device: string, file: string): Promise<void> {
  const { code, stderr } = await runAnyhow('losetup', ['--detach', device]);
  if (code !== 0 && (await loopDevicesOf(file)).includes(device))
    throw new MachineFailed(`${device} cannot be taken from ${file}: ${stderr.toString().trim()}`);
}
