/** What a log group is called, and how a call finds it. */

import { arn, parseArn } from '../../../framework/arn.ts';
import type { Check, ConditionContext } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { resourceTagContext } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { bothNames, constraint, invalidParameter, nameTooLong, noGroup } from '../errors.ts';
import { logGroups, type LogGroup } from '../tables.ts';

const groupNameCharactersMax = 512;

export type Place = { account: string; region: string; name: string };

export const groupArn = ({ account, region, name }: Place): string => arn('logs', region, account, `log-group:${name}`);

/** Throws InvalidParameterException unless the text may name a group. */
export function checkGroupName(name: string): string {
  if (name.length > groupNameCharactersMax) throw nameTooLong();
  if (!/^[.\-_/#A-Za-z0-9]+$/.test(name))
    throw constraint('logGroupName', name, 'Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+');
  return name;
}

/** Where a group lies that is named by its name, or by its ARN. Throws InvalidParameterException. */
export function placeOf(
  { account, region }: Pick<ServiceRequest, 'account' | 'region'>,
  input: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined },
): Place {
  const { logGroupName: name, logGroupIdentifier: identifier } = input;
  if (name !== undefined && identifier !== undefined) throw bothNames();
  const text = name ?? identifier;
  if (text === undefined) throw invalidParameter('Either LogGroupName or LogGroupIdentifier must be specified.');
  // An identifier is a name or an ARN without the `:*` that IAM's policies have behind it.
  if (name === undefined && !/^[\w#+=/:,.@-]*$/.test(text))
    throw invalidParameter(
      "1 validation error detected: Value at 'logGroupIdentifier' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w#+=/:,.@-]*",
    );
  if (name === undefined && text.startsWith('arn:')) return placeOfArn(text);
  return { account, region, name: checkGroupName(text) };
}

/** Throws InvalidParameterException unless the text is the ARN of a log group. */
export function placeOfArn(text: string): Place {
  const parsed = parseArn(text);
  const name = /^log-group:([^:]+)(:\*)?$/.exec(parsed?.resource ?? '')?.[1];
  if (!parsed || parsed.service !== 'logs' || name === undefined) throw invalidParameter(`Invalid ARN: ${text.slice(0, 200)}`);
  return { account: parsed.account, region: parsed.region, name: checkGroupName(name) };
}

export const findGroup = (tx: ReadTransaction, { account, region, name }: Place): Promise<LogGroup | undefined> =>
  logGroups.get(tx, account, region, name);

/** Throws ResourceNotFoundException. */
export async function requireGroup(tx: ReadTransaction, place: Place): Promise<LogGroup> {
  const group = await findGroup(tx, place);
  if (!group) throw noGroup();
  return group;
}

/** AWS asks for the streams of a group, of which an action on the group itself names none: policies end in `:*`. */
export async function checkOnGroup(
  request: ServiceRequest,
  action: string,
  place: Place,
  stream = '',
  more: ConditionContext = {},
): Promise<Check[]> {
  const group = await request.store.read((tx) => findGroup(tx, place));
  const tags = resourceTagContext((group?.tags ?? []).map(([Key, Value]) => ({ Key, Value })));
  const resource = `${groupArn(place)}:log-stream:${stream}`;
  return [{ action: `logs:${action}`, resource, resourceAccount: place.account, context: { ...tags, ...more } }];
}
