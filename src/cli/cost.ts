/** `haneul cost` */

import type { CostAnswer, CostLine } from '../control/cost.ts';
import { dollarText, picodollars } from '../framework/billing/decimal.ts';
import { freeTiers } from '../framework/billing/settings.ts';
import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { requireRunningCloud } from './running-cloud.ts';
import { columns, type Terminal } from './terminal.ts';

const resourcesShown = 15;

export const cost = defineCommand({
  name: 'cost',
  summary: 'tell what this month has cost, will cost, and why',
  usage: '[SERVICE | RESOURCE] [options]',
  options: {
    data: dataOption,
    month: { type: 'string', value: 'YYYY-MM', help: 'another month than this one' },
    account: { type: 'string', value: 'ID', help: 'the bill of one account; all accounts are billed together without it' },
    days: { type: 'boolean', help: 'by day' },
    lines: { type: 'boolean', help: 'every line of the bill: use, rate and amount' },
    'free-tier': { type: 'string', value: 'WHICH', help: `which free allowances there are from now on: ${freeTiers.join(', ')}` },
  },
  positionalsMax: 1,
  details: [
    'Prices are the public ones of AWS, in dollars; a region without figures of its own costs what us-east-1 does. A service (s3, ec2) or a resource (an ARN,',
    'or the name or id at its end) asks why it was charged: the lines that make up its amount. Nobody asks you for the money.',
    '',
    'Free allowances: first-year (those of the first twelve months, and those for always), always (the latter alone), none.',
    '',
    'Examples:',
    '  haneul cost',
    '  haneul cost i-0123456789abcdef0',
    '  haneul cost s3 --month 2026-11 --days',
    '  haneul cost --free-tier none',
  ].join('\n'),
  async run({ values, positionals: [of], environment, terminal }) {
    const cloud = await requireRunningCloud(values, environment);
    const freeTier = values['free-tier'];
    if (freeTier !== undefined) {
      if (!(freeTiers as readonly string[]).includes(freeTier))
        throw new CommandError(`--free-tier takes one of ${freeTiers.join(', ')}`, exitCodes.wrongUsage);
      await cloud.call('POST', '/_haneul/cost', { freeTier });
    }
    const { month, account } = values;
    const query = new URLSearchParams(Object.entries({ month, account, of }).flatMap(([name, value]) => (value ? [[name, value]] : [])));
    const answer = await cloud.call<CostAnswer>('GET', `/_haneul/cost?${query.toString()}`);
    if (values.json) terminal.json(answer);
    else print(terminal, answer, { of, days: values.days ?? false, lines: values.lines ?? of !== undefined });
    return exitCodes.ok;
  },
});

type Wanted = { of: string | undefined; days: boolean; lines: boolean };

function print(terminal: Terminal, answer: CostAnswer, { of, days, lines }: Wanted): void {
  const { month, until, total, forecast, freeTier, accounts, services, resources } = answer;
  terminal.line(
    `${terminal.style('bold', month)}${of === undefined ? '' : ` of ${of}`}, until ${until.slice(0, 16).replace('T', ' ')} UTC`,
  );
  if (services.length === 0) return terminal.line('Nothing was used that costs anything.');
  terminal.line();
  const heads = ['service', 'so far', ...(forecast === undefined ? [] : ['forecast'])];
  const row = (service: string, amount: string, all: string | undefined): string[] => [
    service,
    money(amount),
    ...(all ? [money(all)] : []),
  ];
  table(
    terminal,
    [heads, ...services.map((each) => row(each.service, each.amount, each.forecast)), row('total', total, forecast)],
    'total',
  );
  if (accounts.length > 1)
    section(
      terminal,
      'By account',
      accounts.map(({ account, amount }) => [account, money(amount)]),
    );
  if (days)
    section(
      terminal,
      'By day',
      answer.days.map(({ day, amount }) => [day, money(amount)]),
    );
  if (lines) printLines(terminal, answer.lines);
  else printResources(terminal, resources);
  notes(terminal, answer.lines, freeTier);
}

function printResources(terminal: Terminal, resources: CostAnswer['resources']): void {
  const named = resources.filter(({ resource }) => resource !== '');
  const shown = named.slice(0, resourcesShown).map(({ resource, amount }) => [resource, money(amount)]);
  section(terminal, 'By resource', shown);
  if (named.length > shown.length) terminal.line(terminal.style('dim', `and ${named.length - shown.length} more (--json has them)`));
}

function printLines(terminal: Terminal, lines: readonly CostLine[]): void {
  terminal.line();
  const heads = ['usage', 'operation', 'quantity', 'unit', 'rate', 'amount', ''];
  table(terminal, [
    heads,
    ...lines.map(({ usageType, operation, quantity, unit, rate, amount, free, borrowed, unknown, about }) => [
      ...[usageType, operation, quantity, unit, `$${rate}`, money(amount)],
      free ? `${about}; free (${free})` : unknown ? 'no price is known' : borrowed ? `${about} *` : about,
    ]),
  ]);
}

function notes(terminal: Terminal, lines: readonly CostLine[], freeTier: string): void {
  terminal.line();
  if (lines.some(({ borrowed }) => borrowed))
    terminal.line(terminal.style('dim', '* the rate of us-east-1, since that of the region is not known here'));
  terminal.line(terminal.style('dim', `free allowances: ${freeTier} (--free-tier)`));
}

function section(terminal: Terminal, title: string, rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  terminal.line();
  table(terminal, [[title, ''], ...rows]);
}

/** The first row is a heading; `last` names the row that sums up. Amounts and quantities end at the same column. */
function table(terminal: Terminal, rows: readonly (readonly string[])[], last?: string): void {
  const widths = rows[0]!.map((_head, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const isNumber = (text: string): boolean => /^\$?[\d.]+$/.test(text);
  const aligned = rows.map((row) => row.map((cell, at) => (isNumber(cell) ? cell.padStart(widths[at]!) : cell)));
  columns(aligned).forEach((text, at) =>
    terminal.line(at === 0 ? terminal.style('dim', text) : rows[at]![0] === last ? terminal.style('bold', text) : text),
  );
}

/** Millionths of a dollar: one request costs less than a cent, and is to be seen. */
const money = (amount: string): string => `$${dollarText(picodollars(amount), 6)}`;
