/**
 * A program: the plain view of one encrypted disk, as a file that the kernel asks for its bytes (FUSE). It serves the loop device that was
 * laid over it, outlives the Haneul that started it, and ends when the loop device lets go. The handles are the kernel's (3) and the
 * disk's file (4); the key comes on its standard input and stays in memory.
 *
 * It waits in system calls, one request after the other: it has nothing else to do.
 */

import { fdatasyncSync, fstatSync, readFileSync, readSync, writeSync } from 'node:fs';
import { sealingKeyOf, seal, sectorsAround, unseal } from '../sealing.ts';
import {
  attributesReply,
  errors,
  initReply,
  openReply,
  operation,
  rangeOf,
  replyHeaderBytes,
  requestHeaderBytes,
  requestOf,
  transferBytesMax,
  writeHeaderBytes,
  writeReply,
} from './fuse.ts';

const kernel = 3;
const file = 4;
const key = sealingKeyOf(readFileSync(0));
const request = Buffer.alloc(transferBytesMax + 8192);
const answer = Buffer.alloc(replyHeaderBytes + transferBytesMax);
const nothing = Buffer.alloc(0);

function reply(unique: bigint, body: Buffer, error = 0): void {
  const length = replyHeaderBytes + body.length;
  answer.writeUInt32LE(length, 0);
  answer.writeInt32LE(error, 4);
  answer.writeBigUInt64LE(unique, 8);
  body.copy(answer, replyHeaderBytes);
  try {
    writeSync(kernel, answer, 0, length);
  } catch (fault) {
    // The asker was interrupted and waits no more.
    if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') throw fault;
  }
}

/** Plain bytes of whole sectors; zeros where the file ends. */
function plain({ start, length }: { start: number; length: number }): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  bytes.fill(0, readSync(file, bytes, 0, length, start));
  unseal(key, start, bytes);
  return bytes;
}

function read({ start, length }: { start: number; length: number }): Buffer {
  const around = sectorsAround(start, length);
  return plain(around).subarray(start - around.start, start - around.start + length);
}

/** A piece of a sector is written with the rest of it, which encrypts to what was there. */
function write({ start, length }: { start: number; length: number }): void {
  const data = request.subarray(requestHeaderBytes + writeHeaderBytes, requestHeaderBytes + writeHeaderBytes + length);
  const around = sectorsAround(start, length);
  const bytes = around.length === length ? data : plain(around);
  if (bytes !== data) data.copy(bytes, start - around.start);
  seal(key, around.start, bytes);
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, around.start + done);
}

let opened = 0;

/** Answers one request. False when the last one who had the file open has closed it. */
function serve(): boolean {
  const { operation: asked, unique } = requestOf(request);
  switch (asked) {
    case operation.init:
      reply(unique, initReply(request));
      break;
    case operation.getattr:
      reply(unique, attributesReply(fstatSync(file).size));
      break;
    case operation.open:
      opened++;
      reply(unique, openReply());
      break;
    case operation.read:
      reply(unique, read(rangeOf(request)));
      break;
    case operation.write: {
      const range = rangeOf(request);
      write(range);
      reply(unique, writeReply(range.length));
      break;
    }
    case operation.fsync:
      fdatasyncSync(file);
      reply(unique, nothing);
      break;
    case operation.flush:
    case operation.destroy:
      reply(unique, nothing);
      break;
    case operation.release:
      reply(unique, nothing);
      return --opened > 0;
    case operation.forget:
    case operation.batchForget:
    case operation.interrupt:
      break; // wants no answer
    case operation.fallocate:
      reply(unique, nothing, errors.notSupported);
      break;
    default:
      reply(unique, nothing, errors.notThere);
  }
  return true;
}

function next(): boolean {
  try {
    readSync(kernel, request, 0, request.length, null);
    return true;
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    if (code === 'ENODEV') return false; // unmounted
    if (code === 'EINTR' || code === 'ENOENT' || code === 'EAGAIN') return next();
    throw fault;
  }
}

function serveSafely(): boolean {
  try {
    return serve();
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EIO') throw fault;
    reply(requestOf(request).unique, nothing, code === 'ENOSPC' ? -28 : errors.inputOutput);
    return true;
  }
}

while (next() && serveSafely());
