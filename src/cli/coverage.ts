/** `haneul coverage` */

import { CommandError, defineCommand, exitCodes } from './command.ts';
import { coverageOfAll, sumOf, type ServiceCoverage } from './coverage-table.ts';
import { columns, type Terminal } from './terminal.ts';

export const coverage = defineCommand({
  name: 'coverage',
  summary: 'list which operations are built',
  usage: '[SERVICE] [options]',
  options: {},
  positionalsMax: 1,
  details: 'What is not built answers NotImplemented (HTTP 501) and names itself. With a SERVICE, such as s3, every operation is listed.',
  async run({ values, positionals: [name], terminal }) {
    const all = await coverageOfAll();
    const chosen = name === undefined ? all : all.filter((one) => one.name === name);
    if (chosen.length === 0) throw new CommandError(`there is no service '${name}'; \`haneul coverage\` lists them`, exitCodes.wrongUsage);
    if (values.json) terminal.json(chosen);
    else if (name === undefined) printAll(terminal, all);
    else printOne(terminal, chosen[0]!);
    return exitCodes.ok;
  },
});

function printAll(terminal: Terminal, all: readonly ServiceCoverage[]): void {
  const begun = all.filter((one) => one.built.length > 0);
  for (const row of columns(begun.map((one) => [one.name, `${one.built.length}/${one.built.length + one.missing.length}`, percent(one)])))
    terminal.line(row);
  const sum = sumOf(all);
  terminal.line(`\n${sum.operationsBuilt} of ${sum.operations} operations, ${sum.servicesBegun} of ${sum.services} services.`);
}

function printOne(terminal: Terminal, one: ServiceCoverage): void {
  const operations = [...one.built, ...one.missing].sort();
  for (const operation of operations)
    terminal.line(
      one.built.includes(operation)
        ? `${terminal.style('green', 'built')}    ${operation}`
        : terminal.style('dim', `missing  ${operation}`),
    );
}

function percent({ built, missing }: ServiceCoverage): string {
  return `${Math.floor((100 * built.length) / (built.length + missing.length))} %`;
}
