/** Moments by Java's patterns; what is expected was written down from Java's documentation. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTimestamp, isTimestampPattern, isTimeZone } from './timestamp.ts';

/** Monday, 5 February 2024, 21:07:09.045 UTC. */
const time = Date.UTC(2024, 1, 5, 21, 7, 9, 45);

const cases: [pattern: string, zone: string, expected: string][] = [
  ['yyyy/MM/dd/HH', 'UTC', '2024/02/05/21'],
  ['yy-M-d', 'UTC', '24-2-5'],
  ['MMM d, yyyy', 'UTC', 'Feb 5, 2024'],
  ["EEEE 'the' d'th'", 'UTC', 'Monday the 5th'],
  ['DDD', 'UTC', '036'],
  ['hh:mm a', 'UTC', '09:07 PM'],
  ['HH:mm:ss.SSS', 'UTC', '21:07:09.045'],
  ["yyyy''MM", 'UTC', "2024'02"],
  ['yyyy/MM/dd/HH', 'Asia/Seoul', '2024/02/06/06'],
  ['EEE', 'Asia/Seoul', 'Tue'],
  ['dd HH', 'America/New_York', '05 16'],
];

for (const [pattern, zone, expected] of cases)
  test(`${pattern} in ${zone}`, () => {
    assert.ok(isTimestampPattern(pattern));
    assert.equal(formatTimestamp(pattern, time, zone), expected);
  });

test('midnight is hour 00, and 24 by k', () => {
  assert.equal(formatTimestamp('HH k hh', Date.UTC(2024, 0, 1), 'UTC'), '00 24 12');
});

test('letters that are not supported, open quotes and unknown zones are told', () => {
  assert.equal(isTimestampPattern('yyyy-QQ'), false);
  assert.equal(isTimestampPattern("yyyy 'open"), false);
  assert.equal(isTimeZone('Mars/Olympus'), false);
});
