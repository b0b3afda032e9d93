/** Names in the catalog: Glue folds them to lower case, as Hive does. */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidInput } from '../errors.ts';
import { nameCharactersMax } from '../limits.ts';

const control = /[\0-\x08\x0a-\x1f]/;

/** Throws InvalidInputException. */
export function folded(name: string | undefined, what: string): string {
  if (name === undefined || name === '') throw invalidInput(`${what} cannot be null or empty.`);
  if (name.length > nameCharactersMax || control.test(name))
    throw invalidInput(
      `1 validation error detected: Value at '${what}' failed to satisfy constraint: Member must have length less than or equal to ${nameCharactersMax}`,
    );
  return name.toLowerCase();
}

/** Each account has one catalog, whose id is its number. */
export function requireOwnCatalog(request: ServiceRequest, { CatalogId }: { CatalogId?: string | undefined }): void {
  if (CatalogId !== undefined && CatalogId !== request.account)
    throw notImplemented(`glue:${request.operation} with CatalogId of another account`);
}

/** Parameters of a call that nothing is behind yet; Terraform sends empty lists of them. */
export function refuseUnbuilt(request: ServiceRequest, input: object, names: readonly string[]): void {
  const given = input as Readonly<Record<string, unknown>>;
  const isAbsent = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.length === 0);
  for (const name of names) if (!isAbsent(given[name])) throw notImplemented(`glue:${request.operation} with ${name}`);
}
