/** The AWS CLIs of this machine, version 1 and version 2, and how a test calls them. */

import assert from 'node:assert/strict';
import { ask, programs, type Outcome, type RunOptions, type Workbench } from './workbench.ts';

export type AwsCli = {
  major: 1 | 2;
  program: string | undefined;
  /** Before 1.29 and 2.13 the CLI does not know AWS_ENDPOINT_URL. */ endpointByFlag: boolean;
};

export type Aws = {
  major: 1 | 2;
  endpointByFlag: boolean;
  bench: Workbench;
  /** Runs `aws …` and gives what it printed; it must succeed. */
  (...args: string[]): Promise<string>;
  /** The same, parsed; `undefined` for no output. */
  json<T = any>(...args: string[]): Promise<T>;
  /** Runs a call that must fail, and gives what it printed to standard error. */
  fails(...args: string[]): Promise<string>;
  run(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  as(options: RunOptions): Aws;
};

/** The first CLI of each major version on the path; each may be absent. */
export async function findAwsClis(): Promise<AwsCli[]> {
  const found = new Map<number, AwsCli>();
  for (const program of programs('aws')) {
    const { stdout, stderr } = await ask(program, ['--version']);
    const version = /aws-cli\/(\d+)\.(\d+)/.exec(stdout + stderr);
    const major = Number(version?.[1]);
    if ((major !== 1 && major !== 2) || found.has(major)) continue;
    found.set(major, { major, program, endpointByFlag: Number(version![2]) < (major === 1 ? 29 : 13) });
  }
  return ([1, 2] as const).map((major) => found.get(major) ?? { major, program: undefined, endpointByFlag: false });
}

/** Binds a CLI to a bench, as root of 000000000000 unless `options` say otherwise. */
export function awsOn(bench: Workbench, cli: AwsCli, options: RunOptions = {}): Aws {
  const first = cli.endpointByFlag ? ['--endpoint-url', bench.cloud.endpoint] : [];
  const run = (args: readonly string[], more: RunOptions = {}): Promise<Outcome> =>
    bench.run(cli.program!, [...first, ...args], { ...options, ...more, env: { ...options.env, ...more.env } });
  const call = async (...args: string[]): Promise<string> => {
    const outcome = await run(args);
    assert.equal(outcome.code, 0, `aws ${args.join(' ')}\n${outcome.stdout}${outcome.stderr}`);
    return outcome.stdout;
  };
  return Object.assign(call, {
    major: cli.major,
    endpointByFlag: cli.endpointByFlag,
    bench,
    json: async <T>(...args: string[]): Promise<T> => {
      const text = await call(...args, '--output', 'json');
      return (text.trim() === '' ? undefined : JSON.parse(text)) as T;
    },
    fails: async (...args: string[]): Promise<string> => {
      const outcome = await run(args);
      assert.notEqual(outcome.code, 0, `aws ${args.join(' ')} succeeded:\n${outcome.stdout}`);
      return outcome.stderr;
    },
    run,
    as: (more: RunOptions) => awsOn(bench, cli, { ...options, ...more }),
  });
}
