/** Databases of the catalog. */

import type { Database as WireDatabase } from '@aws-sdk/client-glue';
import { parseArn } from '../../../framework/arn.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { readDefinition } from '../catalog/definition.ts';
import { databaseNotFound, invalidInput } from '../errors.ts';
import { databases, type Database } from '../tables.ts';

/** Throws EntityNotFoundException. */
export async function requireDatabase(tx: ReadTransaction, { account, region }: ServiceRequest, name: string): Promise<Database> {
  const found = await databases.get(tx, account, region, name);
  if (!found) throw databaseNotFound(name);
  return found;
}

export async function wireDatabase(tx: ReadTransaction, { account, name, created, definition }: Database): Promise<WireDatabase> {
  return { ...(await readDefinition<object>(tx, definition)), Name: name, CreateTime: new Date(created), CatalogId: account };
}

/** The name of the database that an ARN means: of what can be tagged, nothing else is there. Throws InvalidInputException. */
export function arnParts(request: ServiceRequest, text: string): string {
  const parsed = parseArn(text);
  if (parsed?.service !== 'glue' || parsed.region !== request.region || parsed.account !== request.account)
    throw invalidInput(`Resource ARN ${text} is not valid.`);
  const [kind, name = ''] = parsed.resource.split('/', 2);
  if (kind !== 'database') throw notImplemented(`glue:${request.operation} with a resource of type ${kind}`);
  return name;
}
