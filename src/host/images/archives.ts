/** Root file systems out of archives: a tar, or the layers of an OCI image, laid one over the other. */

import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { chmod, lchown, lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { ignoreMissing } from '../missing-files.ts';
import { ProgramFailed, programPath } from '../programs.ts';

/** What is wrong with what was given, for a user. */
export class ImageRefused extends Error {
  override name = 'ImageRefused';
}

/**
 * Unpacks a tar, compressed or not, into an empty directory. Rejects with ImageRefused for what is none, and for members whose names lead
 * out of it; links that lead out are made last, so that nothing is written through them.
 */
export async function unpackTar(path: string, into: string, told: (bytes: number) => void = () => undefined): Promise<void> {
  const source = createReadStream(path, { highWaterMark: 1024 * 1024 });
  const head = await firstBytes(path);
  await unpack(source, decompressorFor(head), into, (chunk) => told(chunk.length));
}

/** The same of a plain tar that another program writes. */
export const unpackStream = (source: Readable, into: string): Promise<void> => unpack(source, [], into, () => undefined);

async function firstBytes(path: string): Promise<Buffer> {
  for await (const chunk of createReadStream(path, { end: 5 })) return chunk as Buffer;
  throw new ImageRefused(`${path} is empty`);
}

function decompressorFor(head: Buffer): Transform[] {
  if (head[0] === 0x1f && head[1] === 0x8b) return [createGunzip()];
  if (head.subarray(0, 4).toString('hex') === '28b52ffd') return [createZstdDecompress()];
  if (head.subarray(0, 5).toString('latin1') === '\xfd7zXZ')
    throw new ImageRefused('tars packed with xz are not taken: unpack it with `xz -d`');
  return [];
}

async function unpack(source: Readable, through: Transform[], into: string, seen: (chunk: Buffer) => void): Promise<void> {
  const parameters = [
    '--extract',
    '--file=-',
    `--directory=${into}`,
    '--numeric-owner',
    '--same-permissions',
    '--same-owner',
    '--delay-directory-restore',
    '--xattrs',
    '--xattrs-include=security.capability',
  ];
  const tar = spawn('tar', parameters, { stdio: ['pipe', 'ignore', 'pipe'], env: { PATH: programPath, LC_ALL: 'C' } });
  let errors = '';
  tar.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-2000)));
  const ended = new Promise<number | null>((resolve, reject) => tar.once('error', reject).once('close', resolve));
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen(chunk);
      done(null, chunk);
    },
  });
  const fed = pipeline([source, counter, ...through, tar.stdin]).catch((error: NodeJS.ErrnoException) => {
    // tar says itself why it takes no more.
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_PREMATURE_CLOSE') return;
    tar.kill('SIGKILL');
    throw new ImageRefused(`the archive is broken: ${error.message}`);
  });
  const [code] = await Promise.all([ended, fed]);
  // Whoever did so: the archive is not to blame.
  if (code === null) throw new ProgramFailed('tar was ended by a signal');
  if (code !== 0)
    throw new ImageRefused(`the archive was refused: ${errors.trim().split('\n').slice(0, 3).join('; ') || `tar ended with ${code}`}`);
}

type Descriptor = { mediaType?: string; digest: string; size: number; platform?: { architecture: string; os: string } };
type Index = { manifests?: Descriptor[]; layers?: Descriptor[] };

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
const indexesMax = 5;

/** Lays the layers of an OCI layout (a directory with `index.json`) over each other. Rejects with ImageRefused. @param work an empty directory. */
export async function unpackLayout(
  layout: string,
  into: string,
  work: string,
  told: (bytes: number) => void = () => undefined,
): Promise<void> {
  const layers = await layersOf(layout);
  for (const [at, layer] of layers.entries()) {
    const directory = join(work, String(at));
    await mkdir(directory);
    const hash = createHash('sha256');
    const source = createReadStream(blobOf(layout, layer.digest), { highWaterMark: 1024 * 1024 });
    await unpack(source, decompressorFor(await firstBytes(blobOf(layout, layer.digest))), directory, (chunk) => {
      hash.update(chunk);
      told(chunk.length);
    });
    if (`sha256:${hash.digest('hex')}` !== layer.digest) throw new ImageRefused(`the layer ${layer.digest} is not what its digest says`);
    await layOver(directory, into);
    await rm(directory, { recursive: true, force: true });
  }
}

/** The bytes of all layers, packed. */
export const layoutBytes = async (layout: string): Promise<number> => (await layersOf(layout)).reduce((sum, { size }) => sum + size, 0);

async function layersOf(layout: string): Promise<Descriptor[]> {
  let found = await json(join(layout, 'index.json'));
  for (let depth = 0; !found.layers; depth++) {
    const fitting = (found.manifests ?? []).filter(
      ({ platform }) => !platform || (platform.os === 'linux' && platform.architecture === architecture),
    );
    const [manifest] = fitting;
    if (!manifest || depth > indexesMax) throw new ImageRefused(`${layout} holds no image for linux/${architecture}`);
    found = await json(blobOf(layout, manifest.digest));
  }
  return found.layers;
}

async function json(path: string): Promise<Index> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Index;
  } catch (error) {
    throw new ImageRefused(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function blobOf(layout: string, digest: string): string {
  const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
  if (hex === undefined) throw new ImageRefused(`'${digest}' is no digest`);
  return join(layout, 'blobs', 'sha256', hex);
}

const whiteout = '.wh.';
const opaque = '.wh..wh..opq';

/**
 * Moves a layer over a tree: https://github.com/opencontainers/image-spec/blob/main/layer.md. Both are walked by their real directories
 * alone, so that no link of a layer leads another one out of the tree.
 */
export async function layOver(layer: string, tree: string): Promise<void> {
  const entries = await readdir(layer, { withFileTypes: true });
  if (entries.some(({ name }) => name === opaque))
    for (const name of await readdir(tree)) await rm(join(tree, name), { recursive: true, force: true });
  for (const { name } of entries)
    if (name.startsWith(whiteout) && name !== opaque) await rm(join(tree, name.slice(whiteout.length)), { recursive: true, force: true });
  for (const entry of entries) {
    if (entry.name.startsWith(whiteout)) continue;
    const [from, to] = [join(layer, entry.name), join(tree, entry.name)];
    const present = await lstat(to).catch(ignoreMissing);
    if (entry.isDirectory() && present?.isDirectory()) {
      await layOver(from, to);
      const { uid, gid, mode } = await lstat(from);
      await lchown(to, uid, gid);
      await chmod(to, mode & 0o7777);
      continue;
    }
    if (present) await rm(to, { recursive: true, force: true });
    if (entry.isDirectory()) {
      const { uid, gid, mode } = await lstat(from);
      await mkdir(to, { mode: 0o700 });
      await layOver(from, to);
      await lchown(to, uid, gid);
      await chmod(to, mode & 0o7777);
    } else await rename(from, to);
  }
}
