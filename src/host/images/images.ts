/** The images of this host: root file systems in files, each with what is needed to boot it. */

import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { settledImage } from '../../framework/disk-formats.ts';
import type { HostImage, Images } from '../../framework/images.ts';
import { shared } from '../../framework/shared-work.ts';
import { replaceFile } from '../file-replacement.ts';
import { ignoreMissing, namesIn, readText } from '../missing-files.ts';
import { run } from '../programs.ts';

/** How a root volume that was made from an image is booted. */
export type Boot = {
  /** The first process. */
  command: readonly string[];
  /** Asks the first process to shut the system down, for example `SIGUSR2`. */
  shutdownSignal: NodeJS.Signals;
  /** A directory of the host below which lies what the volume holds only changes of: `/usr`. Empty when the volume holds everything. */
  lower: string;
};

export type ImageRecord = {
  name: string;
  description: string;
  version: string;
  bytes: number;
  boot: Boot;
  /** Its bytes are gone; volumes that were made from it boot as before. */
  removed?: true;
};

/** An image that Haneul makes by itself when it is first used. */
export type BuiltIn = Omit<ImageRecord, 'version'> & {
  /** Changes when what `lay` makes changes: an image of another version is made again. */
  version(): Promise<string>;
  /** Why it cannot be made here, for a user. */
  obstacle(): Promise<string | undefined>;
  /** Lays out the files of its root volume below a directory. */
  lay(directory: string): Promise<void>;
};

export type ImageStore = Images & {
  /** The file with an image's bytes and how it boots; a built-in image is made now when it is not there. Rejects for an unknown name. */
  open(name: string): Promise<{ path: string; record: ImageRecord }>;
  /** How volumes made from an image are booted, also when it has been removed meanwhile. Rejects for an unknown name. */
  boot(name: string): Promise<Boot>;
};

const architecture: HostImage['architecture'] = process.arch === 'arm64' ? 'arm64' : 'x86_64';

/** @param directory holds a folder an image: `root.ext4` and `image.json`. */
export function openImages(directory: string): ImageStore {
  const recordOf = async (name: string): Promise<ImageRecord | undefined> => {
    const text = await readText(join(directory, name, 'image.json'));
    return text === undefined ? undefined : (JSON.parse(text) as ImageRecord);
  };

  const made = shared(async (_name, image: BuiltIn): Promise<ImageRecord> => {
    const version = await image.version();
    const record = await recordOf(image.name);
    if (record?.version === version) return record;
    const obstacle = await image.obstacle();
    if (obstacle !== undefined) throw new Error(obstacle);
    await make(directory, image, version);
    return (await recordOf(image.name))!;
  });

  return {
    async list() {
      const images = new Map<string, HostImage>();
      for (const image of await builtIns())
        if ((await image.obstacle()) === undefined) images.set(image.name, shown(image, (await recordOf(image.name)) !== undefined));
      for (const name of await namesIn(directory)) {
        if (name.endsWith('.new') || name.endsWith('.old')) continue;
        const record = await recordOf(name);
        if (record && !record.removed) images.set(name, shown(record, true));
      }
      return [...images.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async open(name) {
      requireName(name);
      const builtIn = (await builtIns()).find((image) => image.name === name);
      const found = await (builtIn ? made(name, builtIn) : recordOf(name));
      if (!found || found.removed) throw new Error(`there is no image ${name}`);
      return { path: join(directory, name, 'root.ext4'), record: found };
    },
    async boot(name) {
      requireName(name);
      if (name === settledImage) return (await import('./foreign.ts')).foreignBoot;
      const found = (await builtIns()).find((image) => image.name === name) ?? (await recordOf(name));
      if (!found) throw new Error(`there is no image ${name}`);
      return found.boot;
    },
  };
}

function requireName(name: string): void {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) throw new Error(`there is no image ${name}`);
}

/** Loaded only where there are machines. */
async function builtIns(): Promise<readonly BuiltIn[]> {
  const [{ hostUsr }, { tiny }] = await Promise.all([import('./host-usr.ts'), import('./tiny.ts')]);
  return [hostUsr, tiny];
}

const shown = ({ name, description, bytes }: { name: string; description: string; bytes: number }, ready: boolean): HostImage => ({
  name,
  description,
  architecture,
  bytes,
  ready,
});

export type Laid = Omit<ImageRecord, 'version' | 'bytes'> & {
  /** The size of its disk, told once its files are there. */
  bytes: number | ((tree: string) => Promise<number>);
  lay(directory: string): Promise<void>;
};

/** Beside its place first, so that an image is there whole or not at all. */
export async function make(directory: string, image: Laid, version: string): Promise<void> {
  const place = join(directory, image.name);
  const workplace = `${place}.new`;
  await rm(workplace, { recursive: true, force: true });
  await mkdir(join(workplace, 'tree'), { recursive: true, mode: 0o700 });
  await image.lay(join(workplace, 'tree'));
  const bytes = typeof image.bytes === 'number' ? image.bytes : await image.bytes(join(workplace, 'tree'));
  await formatRoot(join(workplace, 'root.ext4'), bytes, join(workplace, 'tree'));
  await rm(join(workplace, 'tree'), { recursive: true });
  const { name, description, boot } = image;
  await replaceFile(
    join(workplace, 'image.json'),
    JSON.stringify({ name, description, version, bytes, boot } satisfies ImageRecord),
    0o600,
  );
  await rm(`${place}.old`, { recursive: true, force: true });
  await rename(place, `${place}.old`).catch(ignoreMissing);
  await rename(workplace, place);
  await rm(`${place}.old`, { recursive: true, force: true });
}

/** An ext4 file system with the files of a directory; it takes only the room that they need. */
export async function formatRoot(path: string, bytes: number, tree: string): Promise<void> {
  await run('truncate', ['-s', String(bytes), path]);
  const features = 'lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=0:0';
  await run('mkfs.ext4', ['-q', '-F', '-m', '0', '-J', 'size=8', '-L', 'root', '-E', features, '-d', tree, path], {
    milliseconds: 600_000,
  });
}
