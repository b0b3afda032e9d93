/**
 * Haneul's own programs in a guest (/var/lib/haneul), laid out once for all containers: they are in memory once, and those of this Haneul,
 * whichever made the image.
 */

import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { programIn } from '../../images/host-programs.ts';
import { sshServer } from '../../images/ssh-server.ts';
import { ownPrograms, type SystemFile } from '../../images/tree.ts';
import { namesIn } from '../../missing-files.ts';

export type GuestPrograms = {
  /** The directory of those for a start of now, which is made when it is not there. */
  directory(): Promise<string>;
};

/** @param directory holds a folder a version. @param inUse those that containers have, by their paths; all others are removed. */
export async function openGuestPrograms(directory: string, inUse: ReadonlySet<string>): Promise<GuestPrograms> {
  for (const name of await namesIn(directory)) if (!inUse.has(join(directory, name))) await rm(join(directory, name), { recursive: true });
  let present: Promise<string> | undefined;
  return {
    directory: () =>
      (present ??= lay(directory).catch((error: unknown) => {
        present = undefined;
        throw error;
      })),
  };
}

async function lay(directory: string): Promise<string> {
  const files = new Map([...(await ownPrograms((await programIn('busybox'))!)), ...(await sshServer())]);
  const version = versionOf(files);
  const place = join(directory, version);
  if ((await namesIn(directory)).includes(version)) return place;
  const workplace = `${place}.new`;
  await rm(workplace, { recursive: true, force: true });
  for (const [path, { content, mode }] of files) {
    await mkdir(dirname(join(workplace, path)), { recursive: true, mode: 0o755 });
    await writeFile(join(workplace, path), content, { mode, flush: true });
  }
  await rename(workplace, place);
  return place;
}

function versionOf(files: ReadonlyMap<string, SystemFile>): string {
  const hash = createHash('sha256');
  for (const [path, { content, mode }] of files) hash.update(`${path}\0${mode}\0${content.length}\0`).update(content);
  return hash.digest('hex').slice(0, 16);
}
