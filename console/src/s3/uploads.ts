/** Uploads of this page: small files in one call, large ones in parts, which may be paused and gone on with. */

import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import type { BuildMiddleware } from '@smithy/types';
import { asShown } from '../from-shell/sending.ts';
import { digest, hex } from '../session/signature.ts';
import { createState, useWatched } from '../shell/state.ts';
import { s3 } from './client.ts';

export type Upload = {
  id: number;
  bucket: string;
  key: string;
  size: number;
  sent: number;
  state: 'waiting' | 'running' | 'paused' | 'done' | 'failed' | 'aborted';
  error?: unknown;
};

/** What an upload needs to go on where it stood. */
type Work = { file: File; uploadId?: string; parts: Map<number, CompletedPart>; stop?: AbortController };

const partBytesMin = 8 * 1024 * 1024;
/** S3 takes 10,000 parts. */
const partsMax = 10_000;
const partsAtOnce = 3;
const filesAtOnce = 2;

const state = createState<readonly Upload[]>([]);
const works = new Map<number, Work>();
let last = 0;

export const useUploads = (): readonly Upload[] => useWatched(state);

/** Puts files into the queue; those with the same key follow each other. */
export function addUploads(bucket: string, prefix: string, files: readonly File[]): void {
  const added = files.map((file): Upload => {
    const id = ++last;
    works.set(id, { file, parts: new Map() });
    const path = file.webkitRelativePath || file.name;
    return { id, bucket, key: prefix + path, size: file.size, sent: 0, state: 'waiting' };
  });
  state.set([...state.get(), ...added]);
  next();
}

export function pauseUpload(id: number): void {
  change(id, { state: 'paused' });
  works.get(id)?.stop?.abort();
}

export function resumeUpload(id: number): void {
  change(id, { state: 'waiting', error: undefined });
  next();
}

export async function abortUpload(id: number): Promise<void> {
  const [upload, work] = [find(id), works.get(id)];
  change(id, { state: 'aborted' });
  work?.stop?.abort();
  if (upload && work?.uploadId)
    await s3().send(asShown(new AbortMultipartUploadCommand({ Bucket: upload.bucket, Key: upload.key, UploadId: work.uploadId })));
}

export function clearDone(): void {
  const kept = state.get().filter((upload) => upload.state !== 'done' && upload.state !== 'aborted');
  for (const { id } of state.get()) if (!kept.some((upload) => upload.id === id)) works.delete(id);
  state.set(kept);
}

function find(id: number): Upload | undefined {
  return state.get().find((upload) => upload.id === id);
}

function change(id: number, part: Partial<Upload>): void {
  state.set(state.get().map((upload) => (upload.id === id ? { ...upload, ...part } : upload)));
}

function next(): void {
  const running = state.get().filter((upload) => upload.state === 'running').length;
  for (const upload of state
    .get()
    .filter(({ state: at }) => at === 'waiting')
    .slice(0, filesAtOnce - running))
    void run(upload);
}

async function run(upload: Upload): Promise<void> {
  const work = works.get(upload.id)!;
  const stop = new AbortController();
  work.stop = stop;
  change(upload.id, { state: 'running' });
  try {
    if (upload.size <= partBytesMin) await inOnePiece(upload, work, stop.signal);
    else await inParts(upload, work, stop.signal);
    change(upload.id, { state: 'done', sent: upload.size });
  } catch (error) {
    if (!stop.signal.aborted) {
      stop.abort();
      change(upload.id, { state: 'failed', error });
    }
  }
  next();
}

/**
 * The browser sends a part from where it lies, without copies in the page and in whatever watches the page's calls (docs/decisions/0068).
 * The SDK would leave such a body out of the signature.
 */
async function hashed<Command extends PutObjectCommand | UploadPartCommand>(command: Command, part: Blob): Promise<Command> {
  const hash = hex(await sha256(new Uint8Array(await part.arrayBuffer())));
  const { middlewareStack } = command as { middlewareStack: { add(middleware: BuildMiddleware<object, object>, options: object): void } };
  middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers['x-amz-content-sha256'] = hash;
      return next(args);
    },
    { step: 'build', name: 'hashOfPart' },
  );
  return command;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  // Pages that came over plain HTTP from another machine do not have the browser's own.
  return isSecureContext ? new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)) : digest(bytes);
}

async function inOnePiece({ bucket, key }: Upload, { file }: Work, abortSignal: AbortSignal): Promise<void> {
  const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: file, ContentType: typeOf(file) });
  await s3().send(asShown(await hashed(command, file)), { abortSignal });
}

async function inParts(upload: Upload, work: Work, abortSignal: AbortSignal): Promise<void> {
  const { id, bucket, key, size } = upload;
  const { file, parts } = work;
  if (!work.uploadId) {
    const begun = await s3().send(asShown(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ContentType: typeOf(file) })), {
      abortSignal,
    });
    work.uploadId = begun.UploadId!;
  }
  const partBytes = Math.max(partBytesMin, Math.ceil(size / partsMax));
  const missing = Array.from({ length: Math.ceil(size / partBytes) }, (_, at) => at + 1).filter((number) => !parts.has(number));
  const sender = async (): Promise<void> => {
    for (let number = missing.shift(); number !== undefined; number = missing.shift()) {
      const Body = file.slice((number - 1) * partBytes, number * partBytes);
      const command = new UploadPartCommand({ Bucket: bucket, Key: key, UploadId: work.uploadId, PartNumber: number, Body });
      const { ETag } = await s3().send(asShown(await hashed(command, Body)), { abortSignal });
      parts.set(number, { PartNumber: number, ETag });
      change(id, { sent: Math.min(size, parts.size * partBytes) });
    }
  };
  await Promise.all(Array.from({ length: partsAtOnce }, sender));
  const Parts = [...parts.values()].sort((a, b) => a.PartNumber! - b.PartNumber!);
  await s3().send(
    asShown(new CompleteMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: work.uploadId, MultipartUpload: { Parts } })),
    {
      abortSignal,
    },
  );
}

function typeOf(file: File): string {
  return file.type || 'application/octet-stream';
}
