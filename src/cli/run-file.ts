/** DATA/run.json: how other commands find a running cloud. Readable by its owner only, for it holds the control token. */

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../host/file-replacement.ts';
import { isAlive, type ProcessIdentity } from '../host/process-identity.ts';

export type RunFile = ProcessIdentity & {
  scheme: 'http' | 'https';
  /** The address that it is bound to. */
  host: string;
  port: number;
  /** Opens the control API. */
  token: string;
  testKey: boolean;
  /** ISO 8601, real time. */
  startedAt: string;
  version: string;
  /** The certificate authority to trust, with TLS. */
  authorityFile?: string;
};

const pathIn = (dataDirectory: string): string => join(dataDirectory, 'run.json');

export async function writeRunFile(dataDirectory: string, run: RunFile): Promise<void> {
  await replaceFile(pathIn(dataDirectory), `${JSON.stringify(run, null, 2)}\n`, 0o600);
}

export async function removeRunFile(dataDirectory: string): Promise<void> {
  await rm(pathIn(dataDirectory), { force: true });
}

/** The run file of a living cloud; one that kill -9 left behind counts as none. */
export async function readRunFile(dataDirectory: string): Promise<RunFile | undefined> {
  let text: string;
  try {
    text = await readFile(pathIn(dataDirectory), 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  const run = JSON.parse(text) as RunFile;
  return (await isAlive(run)) ? run : undefined;
}

/**
 * A URL that reaches the cloud from this machine. An address rather than a name, where there is one: with an address, every SDK
 * asks S3 in path style, so that nobody needs names such as bucket.localhost to resolve.
 */
export function endpointOf(run: Pick<RunFile, 'scheme' | 'host' | 'port'>): string {
  return `${run.scheme}://${hostForClients(run.host)}:${run.port}`;
}

function hostForClients(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
