/** `haneul clock` */

import type { ClockAnswer } from '../control/clock.ts';
import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { requireRunningCloud } from './running-cloud.ts';
import type { Terminal } from './terminal.ts';

export const clock = defineCommand({
  name: 'clock',
  summary: 'show or move cloud time',
  usage: '[show | advance DURATION | set TIME | freeze | run] [options]',
  options: { data: dataOption },
  positionalsMax: 2,
  details: [
    'Everything in a cloud reads this clock: lifecycle rules, expiry of credentials, retention, bills. It never goes backward.',
    'A duration is a number with ms, s, m, h, d or w, or several: 90s, 15m, 12h, 30d, 2w, 1d12h. A time is ISO 8601: 2027-01-01T00:00:00Z.',
    'advance resolves when the background work that came due has been done.',
    '',
    'Examples:',
    '  haneul clock advance 30d',
    '  haneul clock freeze',
  ].join('\n'),
  async run({ values, positionals, environment, terminal }) {
    const body = changeFor(positionals);
    const cloud = await requireRunningCloud(values, environment);
    const answer = body
      ? await cloud.call<ClockAnswer>('POST', '/_haneul/clock', body)
      : await cloud.call<ClockAnswer>('GET', '/_haneul/clock');
    if (values.json) terminal.json(answer);
    else print(terminal, answer);
    return exitCodes.ok;
  },
});

/** What to ask of the control API; undefined only shows the clock. */
function changeFor([action = 'show', argument]: readonly string[]): Record<string, unknown> | undefined {
  const takesArgument = action === 'advance' || action === 'set';
  if (!['show', 'advance', 'set', 'freeze', 'run'].includes(action))
    throw wrong(`'${action}' is not something to do to a clock; try show, advance, set, freeze or run`);
  if (takesArgument && argument === undefined)
    throw wrong(`clock ${action} needs ${action === 'set' ? 'a time such as 2027-01-01T00:00:00Z' : 'a duration such as 30d'}`);
  if (!takesArgument && argument !== undefined) throw wrong(`clock ${action} takes no '${argument}'`);
  if (action === 'show') return undefined;
  if (action === 'advance') {
    const milliseconds = parseDuration(argument!);
    if (milliseconds === undefined) throw wrong(`'${argument}' is no duration; write for example 90s, 15m, 12h, 30d or 2w`);
    return { action, milliseconds };
  }
  if (action === 'set') {
    const time = Date.parse(argument!);
    if (Number.isNaN(time)) throw wrong(`'${argument}' is no time; write for example 2027-01-01T00:00:00Z`);
    return { action, time };
  }
  return { action };
}

function wrong(message: string): CommandError {
  return new CommandError(message, exitCodes.wrongUsage);
}

function print(terminal: Terminal, answer: ClockAnswer): void {
  const difference = Date.parse(answer.now) - Date.parse(answer.realNow);
  const apart =
    Math.abs(difference) < 1000
      ? 'the real time'
      : `${formatDuration(Math.abs(difference))} ${difference > 0 ? 'ahead of' : 'behind'} real time`;
  terminal.line(`${terminal.style('bold', answer.now)}  ${answer.mode}, ${apart}`);
}
