/** LookupEvents: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */

import { createHash } from 'node:crypto';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidMaxResults, invalidNextToken, invalidTimeRange } from '../errors.ts';
import type { Input, Operation } from '../sdk.ts';
import { shownEvent } from './event.ts';
import { eventFilter } from './filter.ts';

const EVENTS_PER_PAGE_MAX = 50;
/** The event history goes back 90 days. */
const HISTORY_MILLISECONDS = 90 * 86_400_000;

export const LookupEvents: Operation<'LookupEvents'> = async (request, input) => {
  if (input.EventCategory !== undefined) throw notImplemented('cloudtrail:LookupEvents of Insights events');
  const limit = input.MaxResults ?? EVENTS_PER_PAGE_MAX;
  if (limit < 1 || limit > EVENTS_PER_PAGE_MAX) throw invalidMaxResults();
  const oldest = request.now - HISTORY_MILLISECONDS;
  const from = Math.max(input.StartTime?.getTime() ?? oldest, oldest);
  const to = input.EndTime?.getTime() ?? request.now;
  if (input.StartTime && input.EndTime && input.StartTime > input.EndTime) throw invalidTimeRange();
  const matches = eventFilter((input.LookupAttributes ?? []).map(({ AttributeKey, AttributeValue }) => ({ AttributeKey, AttributeValue })));
  const after = input.NextToken === undefined ? undefined : openToken(request, input);
  const { events, next } = await request.audit.lookup({
    account: request.account,
    region: request.region,
    from,
    to,
    limit,
    matches,
    ...(after !== undefined && { after }),
  });
  return { Events: events.map(shownEvent), ...(next !== undefined && { NextToken: tokenFor(request, input, next) }) };
};

/** A token names the last event shown, and holds only for the parameters that it was made with. */
function tokenFor(request: ServiceRequest, input: Input<'LookupEvents'>, after: string): string {
  return Buffer.from(JSON.stringify([after, digestOf(request, input)])).toString('base64');
}

function openToken(request: ServiceRequest, input: Input<'LookupEvents'>): string {
  let token: unknown;
  try {
    token = JSON.parse(Buffer.from(input.NextToken!, 'base64').toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw invalidNextToken();
    throw error;
  }
  if (!Array.isArray(token) || typeof token[0] !== 'string' || token[1] !== digestOf(request, input)) throw invalidNextToken();
  return token[0];
}

function digestOf({ account, region }: ServiceRequest, { LookupAttributes, StartTime, EndTime }: Input<'LookupEvents'>): string {
  return createHash('sha256')
    .update(JSON.stringify([account, region, LookupAttributes ?? [], StartTime, EndTime]))
    .digest('base64url');
}
