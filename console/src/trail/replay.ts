/** An event of the audit trail as the call that it was: CloudTrail writes members with a small first letter, the API has them as they are. */

import type { Action, ServiceName } from '../from-shell/action.ts';
import type { TrailEvent } from './events.ts';

/** Folders that event sources are called otherwise than. */
const folders: Readonly<Record<string, ServiceName>> = { logs: 'cloudwatch-logs', ce: 'cost-explorer' };

/** Services whose members begin small in the API too. */
const small: ReadonlySet<string> = new Set(['logs', 'glacier']);

/** Members that hold names which people chose, unless a list is in them. */
const maps: ReadonlySet<string> = new Set([
  ...['tags', 'attributes', 'messageAttributes', 'messageSystemAttributes', 'encryptionContext', 'metadata', 'item', 'key'],
  ...['expressionAttributeNames', 'expressionAttributeValues', 'parameters', 'variables'],
]);

function restored(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(restored);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const keeps = maps.has(name) && typeof member === 'object' && !Array.isArray(member);
      return [name[0]!.toUpperCase() + name.slice(1), keeps ? member : restored(member)];
    }),
  );
}

/** The call of an event, ready to be typed again; undefined where nothing was asked with parameters that the trail keeps. */
export function replayOf({ source, name, parameters }: TrailEvent): Action | undefined {
  if (parameters === undefined) return undefined;
  const input = small.has(source) ? parameters : (restored(parameters) as object);
  const service = folders[source] ?? (source as ServiceName);
  return { service, operation: name, command: { input } };
}
