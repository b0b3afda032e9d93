/** Spans of time in words. */

import { settings } from '../shell/settings.ts';

/** The two largest units: `3 d 4 h`. */
export function spanText(milliseconds: number): string {
  const korean = settings().language === 'ko';
  const units = [
    [86_400_000, korean ? '일' : ' d'],
    [3_600_000, korean ? '시간' : ' h'],
    [60_000, korean ? '분' : ' min'],
    [1_000, korean ? '초' : ' s'],
  ] as const;
  const parts: string[] = [];
  let rest = milliseconds;
  for (const [length, name] of units) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${count}${name}`);
  }
  return parts.slice(0, 2).join(' ') || (korean ? '0초' : '0 s');
}
