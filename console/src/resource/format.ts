/** Sizes and times as a reader writes them. */

import { settings } from '../shell/settings.ts';

const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

export function bytesText(bytes: number | undefined): string {
  if (bytes === undefined) return '–';
  let value = bytes;
  let unit = 0;
  while (value >= 1_024 && unit < units.length - 1) {
    value /= 1_024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** To make one takes a hundred times as long as to use it. */
const formats = new Map<string, Intl.DateTimeFormat>();

function timeFormat(language: string): Intl.DateTimeFormat {
  let format = formats.get(language);
  if (!format) formats.set(language, (format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' })));
  return format;
}

export function timeText(time: Date | number | string | undefined): string {
  if (time === undefined) return '–';
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '–';
  return timeFormat(settings().language).format(date);
}

export function secondsText(seconds: number | string | undefined): string {
  const value = Number(seconds);
  if (seconds === undefined || Number.isNaN(value)) return '–';
  const korean = settings().language === 'ko';
  if (value >= 86_400 && value % 86_400 === 0) return korean ? `${value / 86_400}일` : `${value / 86_400} d`;
  if (value >= 3_600 && value % 3_600 === 0) return korean ? `${value / 3_600}시간` : `${value / 3_600} h`;
  if (value >= 60 && value % 60 === 0) return korean ? `${value / 60}분` : `${value / 60} min`;
  return korean ? `${value}초` : `${value} s`;
}
