/** `haneul fault` */

import type { FaultsAnswer } from '../control/faults.ts';
import type { SpotFaultsAnswer } from '../control/spot-faults.ts';
import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { requireRunningCloud } from './running-cloud.ts';
import type { Terminal } from './terminal.ts';

export const fault = defineCommand({
  name: 'fault',
  summary: 'take an availability zone down, interrupt a spot instance, or set a spot price',
  usage: '[az ZONE down|up | spot INSTANCE | spot-price ZONE TYPE DOLLARS|market | spot-seed NUMBER] [options]',
  options: {
    data: dataOption,
    destroy: { type: 'boolean', help: 'with down: what is kept in this zone alone is lost for ever' },
  },
  positionalsMax: 4,
  details: [
    'Without more it lists what was done. A zone that is down stays down over restarts, until it is brought up.',
    'Instances there run on, but nothing reaches them and they reach nothing: their status checks fail, EC2 starts and makes nothing in the',
    'zone, and what is asked of instances there waits. Up, the same machines answer again.',
    'Objects in One Zone-IA lie in one zone: while it is down they cannot be read; destroyed, they are lost. All else of S3 goes on.',
    '',
    'spot takes a spot instance back for want of capacity: its metadata gives notice at once, and two minutes later it is terminated or stopped.',
    'spot-price sets what a type costs in a zone, in dollars an hour: instances whose maximum is lower are interrupted. spot-seed gives the',
    'market other prices. With a clock that stands, haneul clock advance 2m lets the notice run out.',
    '',
    'Examples:',
    '  haneul fault az us-east-1a down',
    '  haneul fault az us-east-1a up',
    '  haneul fault spot i-0123456789abcdef0',
    '  haneul fault spot-price us-east-1a t3.micro 0.02',
    '  haneul fault spot-price us-east-1a t3.micro market',
  ].join('\n'),
  async run({ values, positionals, environment, terminal }) {
    const change = changeFor(positionals, values.destroy ?? false);
    const cloud = await requireRunningCloud(values, environment);
    const answer: FaultsAnswer & SpotFaultsAnswer = {
      ...(change?.path === zones ? await cloud.call('POST', zones, change.body) : await cloud.call<FaultsAnswer>('GET', zones)),
      ...(change?.path === spot ? await cloud.call('POST', spot, change.body) : await cloud.call<SpotFaultsAnswer>('GET', spot)),
    };
    if (values.json) terminal.json(answer);
    else if (positionals[0] === 'spot')
      terminal.line(`${terminal.style('bold', positionals[1]!)}  has its notice, and two minutes of the cloud's clock.`);
    else print(terminal, answer);
    return exitCodes.ok;
  },
});

const zones = '/_haneul/faults';
const spot = '/_haneul/faults/spot';

/** What to ask of the control API; undefined only lists. */
function changeFor([kind, ...rest]: readonly string[], destroy: boolean): { path: string; body: object } | undefined {
  if (kind === undefined && !destroy) return undefined;
  if (destroy && (kind !== 'az' || rest[1] !== 'down')) throw wrong('--destroy goes with down');
  if (kind === 'spot' || kind === 'spot-price' || kind === 'spot-seed') return { path: spot, body: spotChange(kind, rest) };
  const [zone, state] = rest;
  if (kind !== 'az' || zone === undefined || (state !== 'down' && state !== 'up') || rest.length > 2)
    throw wrong('fault takes az, a zone such as us-east-1a, and down or up; or spot, spot-price or spot-seed');
  return { path: zones, body: { zone, state, destroy } };
}

function spotChange(kind: 'spot' | 'spot-price' | 'spot-seed', rest: readonly string[]): object {
  const [first, type, price] = rest;
  if (kind === 'spot') {
    if (first === undefined || rest.length > 1) throw wrong('fault spot takes the id of a spot instance');
    return { instance: first };
  }
  if (kind === 'spot-seed') {
    if (first === undefined || !/^\d+$/.test(first) || rest.length > 1) throw wrong('fault spot-seed takes a whole number');
    return { seed: Number(first) };
  }
  if (price === undefined || (price !== 'market' && !/^\d+(\.\d+)?$/.test(price)))
    throw wrong('fault spot-price takes a zone, an instance type, and dollars an hour or market');
  return { zone: first, type, dollarsPerHour: price === 'market' ? null : Number(price) };
}

function wrong(message: string): CommandError {
  return new CommandError(message, exitCodes.wrongUsage);
}

function print(terminal: Terminal, { zones: rows, spot: market }: FaultsAnswer & SpotFaultsAnswer): void {
  if (rows.length === 0) terminal.line('All zones are up.');
  for (const { zone, state, since, destroyed } of rows)
    terminal.line(
      `${terminal.style('bold', zone)}  ${state} since ${since}${destroyed === undefined ? '' : `; what it kept alone until ${destroyed} is lost`}`,
    );
  for (const { zone, type, dollarsPerHour, since } of market?.prices ?? [])
    terminal.line(`${terminal.style('bold', zone)}  ${type} costs ${dollarsPerHour} dollars an hour since ${since}`);
  if (market?.seed !== undefined) terminal.line(`The spot market follows the seed ${market.seed}.`);
}
