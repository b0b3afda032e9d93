/** The text of `haneul --help` and of `haneul COMMAND --help`. */

import { everywhere, type Command, type Option } from './command.ts';
import { commands } from './commands.ts';
import { columns, type Terminal } from './terminal.ts';

export function printHelp(terminal: Terminal, version: string): void {
  terminal.line(`${terminal.style('bold', 'haneul')} ${version} - a cloud that you keep`);
  terminal.line();
  terminal.line('Usage: haneul COMMAND [options]');
  terminal.line();
  const rows = [
    ...Object.entries(commands).map(([name, { summary }]) => [`  ${name}`, summary]),
    ['  version', 'print the version'],
    ['  help [COMMAND]', 'print help'],
  ];
  for (const row of columns(rows)) terminal.line(row);
  terminal.line();
  terminal.line('Start with `haneul up`. `haneul COMMAND --help` tells more; most commands take --json.');
  terminal.line('Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no cloud is running.');
}

export function printCommandHelp(terminal: Terminal, command: Command): void {
  terminal.line(`Usage: haneul ${command.name} ${command.usage ?? '[options]'}`);
  terminal.line();
  terminal.line(`${command.summary[0]!.toUpperCase()}${command.summary.slice(1)}.`);
  terminal.line();
  const all = Object.entries({ ...command.options, ...everywhere });
  for (const row of columns(all.map(([name, option]) => [`  ${optionName(name, option)}`, option.help]))) terminal.line(row);
  if (!command.details) return;
  terminal.line();
  terminal.line(command.details);
}

function optionName(name: string, option: Option): string {
  const short = option.short ? `-${option.short}, ` : '';
  return `${short}--${name}${option.type === 'string' ? ` ${option.value ?? 'VALUE'}` : ''}`;
}
