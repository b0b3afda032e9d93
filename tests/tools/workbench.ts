/** A user's tools at work on a live cloud: each bench has a home directory of its own, so that no user configuration leaks in. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import type { CloudOptions } from '../../src/cloud.ts';
import { startCloud, type Credentials, type LiveCloud } from '../live-cloud.ts';

export type Outcome = { code: number; stdout: string; stderr: string };
export type RunOptions = {
  env?: Record<string, string>;
  cwd?: string;
  credentials?: Credentials;
  /** How long the program may take; two minutes when absent. */ milliseconds?: number;
};

export type Workbench = {
  cloud: LiveCloud;
  /** The home directory, where tools keep their configuration. */
  home: string;
  /** A path below the home; its folder is made. */
  place(path: string): Promise<string>;
  /** Writes a file of random bytes below the home and gives its path. */
  randomFile(path: string, bytes: number): Promise<string>;
  /** Runs a program to its end; never through a shell. Rejects when it cannot be started or takes too long. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** The same for a program that must succeed; gives what it printed. */
  ok(program: string, args: readonly string[], options?: RunOptions): Promise<string>;
  /** A user with a key and, if given, an inline policy: made through the SDK, where a test is about what comes after. */
  user(name: string, ...statements: object[]): Promise<Credentials>;
  close(): Promise<void>;
};

const runMillisecondsMax = 300_000;
const outputBytesMax = 64 * 1024 * 1024;

/** Opens a bench on a new cloud whose clock is the machine's, since tools sign with the machine's time. */
export async function openWorkbench(options: Partial<CloudOptions> = {}): Promise<Workbench> {
  const cloud = await startCloud({ clock: 'real', ...options });
  const home = await mkdtemp(join(tmpdir(), 'haneul-tools-'));
  const place = async (path: string): Promise<string> => {
    const whole = join(home, path);
    await mkdir(dirname(whole), { recursive: true });
    return whole;
  };
  const run = (program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> =>
    execute(program, args, {
      milliseconds: options.milliseconds ?? runMillisecondsMax,
      cwd: options.cwd ?? home,
      env: { ...environment(cloud.endpoint, home, options.credentials), ...options.env },
    });
  return {
    cloud,
    home,
    place,
    randomFile: async (path, bytes) => {
      const whole = await place(path);
      await writeFile(whole, randomBytes(bytes));
      return whole;
    },
    run,
    user: (name, ...statements) => makeUser(cloud.client(IAMClient), name, statements),
    ok: async (program, args, options) => {
      const outcome = await run(program, args, options);
      assert.equal(outcome.code, 0, `${program} ${args.join(' ')}\n${outcome.stdout}${outcome.stderr}`);
      return outcome.stdout;
    },
    close: async () => {
      await cloud.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/**
 * Clients of S3 Control put the account before the name of the host. Not every machine knows such names: whoever takes the cloud for a proxy
 * needs no address of theirs.
 */
export function accountHosts({ endpoint, port }: LiveCloud): Record<string, string> {
  const proxy = { HTTP_PROXY: endpoint, http_proxy: endpoint, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' };
  return { AWS_ENDPOINT_URL_S3_CONTROL: `http://s3-control.us-east-1.localhost:${port}`, ...proxy };
}

/** Every executable of this name on the path, first found first. */
export function programs(name: string): string[] {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, name))
    .filter(isExecutable);
}

/** What node:test wants as `skip`: false when the tool is there, else a sentence. */
export function absent(tool: string, found: boolean): string | false {
  return found ? false : `skipped: this machine has no ${tool}`;
}

/** Runs a program that needs no cloud, to ask for its version. An unstartable one answers with a code. */
export async function ask(program: string, args: readonly string[]): Promise<Outcome> {
  return execute(program, args, {
    milliseconds: runMillisecondsMax,
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), LANG: 'C.UTF-8' },
  }).catch((error: Error) => ({ code: -1, stdout: '', stderr: error.message }));
}

function environment(
  endpoint: string,
  home: string,
  credentials: Credentials = { accessKeyId: 'test', secretAccessKey: 'test' },
): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    LANG: 'C.UTF-8',
    NO_PROXY: '*',
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken && { AWS_SESSION_TOKEN: credentials.sessionToken }),
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
  };
}

async function makeUser(iam: IAMClient, UserName: string, statements: readonly object[]): Promise<Credentials> {
  await iam.send(new CreateUserCommand({ UserName }));
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  if (statements.length > 0) await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
}

type Conditions = { cwd: string; env: Record<string, string>; milliseconds: number };

function execute(program: string, args: readonly string[], { milliseconds, ...where }: Conditions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...args],
      { ...where, timeout: milliseconds, killSignal: 'SIGKILL', maxBuffer: outputBytesMax },
      (error, stdout, stderr) => {
        if (!error) resolve({ code: 0, stdout, stderr });
        else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
        else reject(new Error(`${program} ${args.join(' ')} did not end by itself: ${error.message}\n${stderr}`));
      },
    );
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
