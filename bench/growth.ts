/** Latency beside a control: one call's time where much lies, and where little does, taking turns one by one, so that what else the machine does slows both. */

import { load } from './load.ts';
import { median } from './processes.ts';

export const GOAL_RATIO = 1.5;
export type Figure = { milliseconds: number; control: number; ratio: number };

/** Sends all requests over some connections. Throws when one fails; answers how many a second. */
export async function sendAll(port: number, connections: number, total: number, request: (n: number) => Buffer): Promise<number> {
  const result = await load({ port, connections, total, request });
  if (result.failures > 0) throw new Error(`${result.failures} of ${total} requests failed: ${result.firstFailure}`);
  return result.perSecond;
}

/** The medians of two kinds of calls that take turns on one connection; each is made when it is sent. */
export async function sideBySide(
  port: number,
  calls: number,
  grown: (n: number) => Buffer,
  control: (n: number) => Buffer,
  onResponse: (isControl: boolean, text: string) => void = () => {},
): Promise<Figure> {
  const times: [number[], number[]] = [[], []];
  let [issued, sentAt, answered] = [0, 0, 0];
  const result = await load({
    port,
    connections: 1,
    total: calls * 2,
    request: () => {
      const n = issued++;
      const made = n % 2 === 0 ? grown(n >> 1) : control(n >> 1);
      sentAt = performance.now();
      return made;
    },
    onResponse: (text) => {
      const taken = performance.now() - sentAt;
      if (answered >= calls / 5) times[answered % 2]!.push(taken); // the first ones warm up
      onResponse(answered++ % 2 === 1, text);
    },
  });
  if (result.failures > 0) throw new Error(`${result.failures} of ${calls * 2} requests failed: ${result.firstFailure}`);
  const [milliseconds, atControl] = [median(times[0]), median(times[1])];
  return { milliseconds, control: atControl, ratio: milliseconds / atControl };
}

/** The sizes to be measured: those of the command line or of SIZES, else these. */
export function sizesWanted(flag: string, usual: readonly number[]): number[] {
  if (process.env['SIZES']) return process.env['SIZES'].split(',').map(Number);
  const at = process.argv.indexOf(flag);
  const last = at < 0 ? usual.at(-1)! : Number(process.argv[at + 1]);
  return usual.filter((size) => size < last).concat(last);
}

export function printFigures(title: string, figures: Record<string, Figure>): void {
  const round = (value: number): number => Math.round(value * 100) / 100;
  console.log(`\n${title}`);
  console.table(
    Object.fromEntries(
      Object.entries(figures).map(([name, { milliseconds, control, ratio }]) => [
        name,
        { ms: round(milliseconds), 'ms at the control': round(control), ratio: round(ratio), goal: ratio <= GOAL_RATIO ? 'met' : 'missed' },
      ]),
    ),
  );
}
