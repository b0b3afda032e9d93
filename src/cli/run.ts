/** Finds the command that was asked for, reads its options, runs it, and turns every error into one line. */

import { parseArgs } from 'node:util';
import { CommandError, everywhere, exitCodes, type Command } from './command.ts';
import { commands } from './commands.ts';
import type { Environment } from './environment.ts';
import { printCommandHelp, printHelp } from './help.ts';
import type { Terminal } from './terminal.ts';

/** Resolves to the exit code. */
export async function runCommandLine(given: readonly string[], environment: Environment, terminal: Terminal): Promise<number> {
  try {
    return await dispatch(given, environment, terminal);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    terminal.note(`${terminal.style('red', 'haneul:')} ${error.message}`);
    return error.exitCode;
  }
}

async function dispatch([name, ...rest]: readonly string[], environment: Environment, terminal: Terminal): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    printHelp(terminal, environment.version);
    return exitCodes.ok;
  }
  if (name === 'version' || name === '--version' || name === '-v') {
    if (rest.includes('--json')) terminal.json({ haneul: environment.version, node: process.version });
    else terminal.line(environment.version);
    return exitCodes.ok;
  }
  if (name === 'help') return dispatch([rest[0]!, '--help'], environment, terminal);
  const listed = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!listed) throw new CommandError(`there is no command '${name}'; \`haneul --help\` lists them`, exitCodes.wrongUsage);
  const command = await listed.load();
  const { values, positionals } = parse(command, rest);
  if (values['help']) {
    printCommandHelp(terminal, command);
    return exitCodes.ok;
  }
  return command.run({ values, positionals, environment, terminal });
}

type Parsed = { values: Record<string, never>; positionals: string[] };

function parse(command: Command, rest: readonly string[]): Parsed {
  const options = { ...command.options, ...everywhere };
  try {
    const parsed = parseArgs({ args: [...rest], options, allowPositionals: true, strict: true });
    const tooMany = parsed.positionals[command.positionalsMax ?? 0];
    if (tooMany !== undefined)
      throw new CommandError(`'${tooMany}' is one word too many; see \`haneul ${command.name} --help\``, exitCodes.wrongUsage);
    return parsed as unknown as Parsed;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (!String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')) throw error;
    const sentence = (error as Error).message
      .split('. ')[0]!
      .replace(/^Unknown/, 'unknown')
      .replace(/^Option/, 'option');
    throw new CommandError(`${sentence}; see \`haneul ${command.name} --help\``, exitCodes.wrongUsage);
  }
}
