/** Spans of time as people write them: `90s`, `15m`, `12h`, `30d`, `2w`, `1d12h`. */

const second = 1000;
const unitMilliseconds = { ms: 1, s: second, m: 60 * second, h: 3600 * second, d: 86_400 * second, w: 604_800 * second } as const;

/** Milliseconds, or undefined when the text is no duration, is zero, or is longer than 100 years. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/.test(text)) return undefined;
  let milliseconds = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g))
    milliseconds += Number(amount) * unitMilliseconds[unit as keyof typeof unitMilliseconds];
  const rounded = Math.round(milliseconds);
  return rounded > 0 && rounded <= 100 * 365.25 * unitMilliseconds.d ? rounded : undefined;
}

/** The two largest units: `3d 4h`, `12m 5s`, `0s`. */
export function formatDuration(milliseconds: number): string {
  const parts: string[] = [];
  let rest = Math.max(0, Math.round(milliseconds / second)) * second;
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(rest / unitMilliseconds[unit]);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * unitMilliseconds[unit];
  }
  return parts.slice(0, 2).join(' ') || '0s';
}
