/** Why a cloud could not start, in one line that says what to do. */

import { PublicRangeRefused } from '../framework/public-addresses.ts';
import { BlobPlaceRefused } from '../store/blob-store.ts';
import { NewerRecord, StoreAway, StoreFull, StoreInUse, StoreUnwritable } from '../store/store.ts';
import { CommandError } from './command.ts';
import { newerRelease } from './data-layout.ts';

export type FailedStart = { host: string; port: number; dataDirectory: string; store: string | undefined };

/** The error to show; what is not understood is given back as it is, to be shown with its stack. */
export function startFailure(error: unknown, { host, port, dataDirectory, store }: FailedStart): unknown {
  if (!(error instanceof Error) || error instanceof CommandError) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return new CommandError(`port ${port} is in use; stop what listens there, or choose another with --port (0 picks a free one)`);
  if (code === 'EADDRNOTAVAIL') return new CommandError(`${host} is no address of this machine; choose another with --host`);
  if (code === 'ENOTFOUND' && syscall === 'getaddrinfo' && store === undefined)
    return new CommandError(`${host} is no address of this machine; choose another with --host`);
  if (code === 'EACCES' && syscall === 'listen') return new CommandError(`port ${port} needs root; choose one above 1023 with --port`);
  if (code === 'ENOSPC')
    return new CommandError(`the disk of ${dataDirectory} is full; free some space, or choose another directory with --data`);
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM')
    return new CommandError(`${dataDirectory} cannot be written: ${error.message}; choose another directory with --data`);
  if (error instanceof NewerRecord) return newerRelease(dataDirectory, error.message);
  if (error instanceof StoreInUse || error instanceof StoreUnwritable || error instanceof StoreFull)
    return new CommandError(`${error.message}; choose another directory with --data`);
  if (error instanceof BlobPlaceRefused || error instanceof PublicRangeRefused) return new CommandError(error.message);
  if (error instanceof StoreAway) return new CommandError(`${error.message}; check --store and --blobs, and that what they name runs`);
  if (store !== undefined && isConnectionFailure(error))
    return new CommandError(`the store does not answer: ${error.message}; check --store and that PostgreSQL runs`);
  return error;
}

function isConnectionFailure(error: NodeJS.ErrnoException): boolean {
  // PostgreSQL's classes 28 (authorisation), 3D (no such database) and 57P (starting, stopping) carry their SQLSTATE as the code.
  return /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|28\w{3}|3D\w{3}|57P\w{2})$/.test(error.code ?? '');
}
