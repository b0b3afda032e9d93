/** Speaks to a running cloud over its control API, as the commands besides `up` do. */

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CommandError, exitCodes } from './command.ts';
import type { Environment } from './environment.ts';
import { endpointOf, readRunFile, type RunFile } from './run-file.ts';

export type RunningCloud = {
  readonly run: RunFile;
  readonly endpoint: string;
  /** Calls the control API: `call('GET', '/_haneul/status')`. Rejects with CommandError when the cloud refuses. */
  call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T>;
};

const answerBytesMax = 64 * 1024 * 1024;

/** The data directory that a command means. */
export function dataDirectoryOf(values: { data?: string }, environment: Environment): string {
  return values.data === undefined ? environment.dataDirectory : resolve(environment.workingDirectory, values.data);
}

export async function findRunningCloud(dataDirectory: string): Promise<RunningCloud | undefined> {
  const run = await readRunFile(dataDirectory);
  return run && { run, endpoint: endpointOf(run), call: (method, path, body) => callControl(run, method, path, body) };
}

export async function requireRunningCloud(values: { data?: string }, environment: Environment): Promise<RunningCloud> {
  const dataDirectory = dataDirectoryOf(values, environment);
  const cloud = await findRunningCloud(dataDirectory);
  if (!cloud) throw new CommandError(`no cloud is running on ${dataDirectory}; start it with \`haneul up\``, exitCodes.notRunning);
  return cloud;
}

async function callControl<T>(run: RunFile, method: string, path: string, body: unknown): Promise<T> {
  const { status, text } = await exchange(run, method, path, body === undefined ? undefined : JSON.stringify(body));
  const answer = parseAnswer(text);
  if (status >= 400) throw new CommandError((answer as { message?: string }).message ?? `the cloud answered ${status}`);
  return answer as T;
}

function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(`the cloud's answer is not JSON (${(error as Error).message}); is another program on its port?`);
  }
}

async function exchange(run: RunFile, method: string, path: string, body: string | undefined): Promise<{ status: number; text: string }> {
  const { request } = run.scheme === 'https' ? await import('node:https') : await import('node:http');
  const wildcard = run.host === '0.0.0.0' || run.host === '::';
  const options = {
    host: wildcard ? (run.host === '::' ? '::1' : '127.0.0.1') : run.host,
    port: run.port,
    method,
    path,
    headers: {
      'x-haneul-token': run.token,
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    },
    ...(run.authorityFile && { ca: await readFile(run.authorityFile), servername: 'localhost' }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > answerBytesMax) response.destroy(new Error('the answer is too long'));
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    sent.on('error', (error) => reject(new CommandError(`the cloud does not answer at port ${run.port}: ${error.message}`)));
    sent.end(body);
  });
}
