/** DescribeSessions: those that are open, and those that are over. */

import { invalidNextToken, unsatisfied } from '../errors.ts';
import { tokenMilliseconds } from '../limits.ts';
import { tokenOf } from '../parameters/lookup.ts';
import type { Input, Operation } from '../sdk.ts';
import { sessions, type Session } from '../tables.ts';
import { shellDocument } from './documents.ts';

const resultsMax = 200;
/** Rows that one page looks at: a page may be shorter than asked for, and even empty. */
const rowsPerPageMax = 500;

/** One whose token nobody has used in time is over. */
function statusOf({ openedAt, endedAt, startedAt }: Session, now: number): 'Connected' | 'Connecting' | 'Terminated' {
  if (endedAt !== undefined) return 'Terminated';
  if (openedAt !== undefined) return 'Connected';
  return startedAt + tokenMilliseconds > now ? 'Connecting' : 'Terminated';
}

const shown = (row: Session, now: number) => ({
  ...{ SessionId: row.id, Target: row.target, Status: statusOf(row, now), StartDate: new Date(row.startedAt), Owner: row.owner },
  ...{ DocumentName: row.document ?? shellDocument, ...(row.reason !== undefined && { Reason: row.reason }) },
  ...(row.endedAt !== undefined && { EndDate: new Date(row.endedAt) }),
});

export const DescribeSessions: Operation<'DescribeSessions'> = async (request, input) => {
  const { MaxResults: limit = resultsMax, NextToken: token, State: state } = input;
  if (state !== 'Active' && state !== 'History')
    throw unsatisfied(String(state), 'state', 'Member must satisfy enum value set: [Active, History]');
  if (limit < 1 || limit > resultsMax)
    throw unsatisfied(String(limit), 'maxResults', `Member must have value less than or equal to ${resultsMax}`);
  if (token !== undefined && !/^[\w-]{1,1000}$/.test(token)) throw invalidNextToken();
  const { account, region, now } = request;
  const fits = filterOf(input, now);
  const after = token === undefined ? {} : { after: Buffer.from(token, 'base64url') };
  return request.store.read(async (tx) => {
    const rows = await sessions.scanIndex(tx, 'byStart', [], { limit: rowsPerPageMax, reverse: true, ...after });
    const found: ReturnType<typeof shown>[] = [];
    let last: Uint8Array | undefined;
    for (const { row, cursor } of rows) {
      last = cursor;
      const isOpen = statusOf(row, now) !== 'Terminated';
      if (row.account === account && row.region === region && isOpen === (state === 'Active') && fits(row)) found.push(shown(row, now));
      if (found.length === limit) break;
    }
    const more = last !== undefined && (found.length === limit || rows.length === rowsPerPageMax);
    return { Sessions: found, ...(more && { NextToken: tokenOf(last!) }) };
  });
};

function filterOf({ Filters: filters = [] }: Input<'DescribeSessions'>, now: number): (row: Session) => boolean {
  const tests = filters.map(({ key, value = '' }): ((row: Session) => boolean) => {
    switch (key) {
      case 'InvokedAfter':
        return (row) => row.startedAt > Date.parse(value);
      case 'InvokedBefore':
        return (row) => row.startedAt < Date.parse(value);
      case 'Target':
        return (row) => row.target === value;
      case 'Owner':
        return (row) => row.owner === value;
      case 'Status':
        return (row) => statusOf(row, now) === value;
      case 'SessionId':
        return (row) => row.id === value;
      case 'AccessType':
        return () => value === 'Standard';
      default:
        throw unsatisfied(String(key), 'filters.1.member.key', 'Member must satisfy enum value set');
    }
  });
  return (row) => tests.every((test) => test(row));
}
