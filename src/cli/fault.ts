/** `haneul fault` */

import type { FaultsAnswer } from '../control/faults.ts';
import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { requireRunningCloud } from './running-cloud.ts';
import type { Terminal } from './terminal.ts';

export const fault = defineCommand({
  name: 'fault',
  summary: 'take an availability zone down, or bring it back',
  usage: '[az ZONE down|up] [options]',
  options: {
    data: dataOption,
    destroy: { type: 'boolean', help: 'with down: what is kept in this zone alone is lost for ever' },
  },
  positionalsMax: 3,
  details: [
    'Without a zone it lists what was done to zones. A zone that is down stays down over restarts, until it is brought up.',
    'Instances there run on, but nothing reaches them and they reach nothing: their status checks fail, EC2 starts and makes nothing in the',
    'zone, and what is asked of instances there waits. Up, the same machines answer again.',
    'Objects in One Zone-IA lie in one zone: while it is down they cannot be read; destroyed, they are lost. All else of S3 goes on.',
    '',
    'Examples:',
    '  haneul fault az us-east-1a down',
    '  haneul fault az us-east-1a up',
  ].join('\n'),
  async run({ values, positionals, environment, terminal }) {
    const body = changeFor(positionals, values.destroy ?? false);
    const cloud = await requireRunningCloud(values, environment);
    const answer = body
      ? await cloud.call<FaultsAnswer>('POST', '/_haneul/faults', body)
      : await cloud.call<FaultsAnswer>('GET', '/_haneul/faults');
    if (values.json) terminal.json(answer);
    else print(terminal, answer);
    return exitCodes.ok;
  },
});

/** What to ask of the control API; undefined only lists. */
function changeFor([kind, zone, state]: readonly string[], destroy: boolean): Record<string, unknown> | undefined {
  if (kind === undefined && !destroy) return undefined;
  if (kind !== 'az' || zone === undefined || (state !== 'down' && state !== 'up'))
    throw wrong('fault takes az, a zone such as us-east-1a, and down or up');
  if (destroy && state !== 'down') throw wrong('--destroy goes with down');
  return { zone, state, destroy };
}

function wrong(message: string): CommandError {
  return new CommandError(message, exitCodes.wrongUsage);
}

function print(terminal: Terminal, { zones }: FaultsAnswer): void {
  if (zones.length === 0) terminal.line('All zones are up.');
  for (const { zone, state, since, destroyed } of zones)
    terminal.line(
      `${terminal.style('bold', zone)}  ${state} since ${since}${destroyed === undefined ? '' : `; what it kept alone until ${destroyed} is lost`}`,
    );
}
