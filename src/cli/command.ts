/** What a command is: a definition that knows its options, its help and how to run. */

import type { ParseArgsOptionDescriptor } from 'node:util';
import type { Environment } from './environment.ts';
import type { Terminal } from './terminal.ts';

export type Option = Pick<ParseArgsOptionDescriptor, 'type' | 'short'> & {
  /** One clause for `--help`. */
  help: string;
  /** The word for the value in `--help`, for example `PORT`. */
  value?: string;
};
export type Options = Readonly<Record<string, Option>>;

/** The values that were given, typed by the options. */
export type Values<O extends Options> = { readonly [Name in keyof O]?: O[Name]['type'] extends 'boolean' ? boolean : string };

export type Call<O extends Options> = {
  readonly values: Values<O & typeof everywhere>;
  readonly positionals: readonly string[];
  readonly environment: Environment;
  readonly terminal: Terminal;
};

export type CommandDefinition<O extends Options> = {
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** What follows the command's name, for example `[show|advance DURATION]`. */
  usage?: string;
  options: O;
  /** Paragraphs and examples below the options. */
  details?: string;
  /** How many positionals are taken; 0 when absent. */
  positionalsMax?: number;
  /** Resolves to the exit code. */
  run(call: Call<O>): Promise<number>;
};

export type Command = CommandDefinition<Options>;

/** Options that every command has. */
export const everywhere = {
  help: { type: 'boolean', short: 'h', help: 'print this' },
  json: { type: 'boolean', help: 'print JSON' },
} as const satisfies Options;

/** For commands that concern one cloud. */
export const dataOption = {
  type: 'string',
  value: 'DIR',
  help: "the cloud's data directory (default: $HANEUL_DATA, else ~/.haneul)",
} as const satisfies Option;

export function defineCommand<const O extends Options>(definition: CommandDefinition<O>): Command {
  return definition as unknown as Command;
}

export const exitCodes = { ok: 0, failed: 1, wrongUsage: 2, notRunning: 3 } as const;

/** An error for the user: one line that also says what to do next. */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}
