/** Filter patterns of words: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import { invalidParameter } from '../errors.ts';

/** All plain words must be there, none of those with `-`, and one of those with `?`. Throws InvalidParameterException. */
export function readPattern(text: string): (message: string) => boolean {
  const pattern = text.trim();
  if (pattern.length > 1024) throw invalidParameter('The filter pattern is too long.');
  if (/^[{[]/.test(pattern)) throw notImplemented('logs filter patterns of JSON and of columns');
  const all: string[] = [];
  const some: string[] = [];
  const none: string[] = [];
  const words = /([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/gy;
  for (let at = 0; at < pattern.length; at = words.lastIndex) {
    words.lastIndex = at + /^\s*/.exec(pattern.slice(at))![0].length;
    const word = words.exec(pattern);
    if (!word) throw invalidParameter('Invalid filter pattern');
    const value = word[2]?.replaceAll(/\\(.)/g, '$1') ?? word[3]!;
    if (word[2] === undefined && value.includes('%')) throw notImplemented('logs filter patterns with regular expressions');
    (word[1] === '-' ? none : word[1] === '?' ? some : all).push(value);
  }
  return (message) =>
    all.every((word) => message.includes(word)) &&
    !none.some((word) => message.includes(word)) &&
    // With plain words beside them, AWS passes over those with a question mark.
    (some.length === 0 || all.length > 0 || none.length > 0 || some.some((word) => message.includes(word)));
}
