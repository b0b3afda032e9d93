/** Aliases: create, point elsewhere, delete, list. */

import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { aliasExists, aliasNotFound, constraint, limitExceeded, invalidState, validation } from '../errors.ts';
import { aliasArn, isAsymmetric, requireKept } from '../keys/key.ts';
import { lookUp, requireKey } from '../keys/lookup.ts';
import { aliasesPerKeyMax } from '../limits.ts';
import { page } from '../pages.ts';
import { checkOn, requireOwn } from '../permissions.ts';
import type { Input, Operation } from '../sdk.ts';
import { aliases, type Alias, type Key } from '../tables.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { AwsError } from '../../../framework/aws-error.ts';

export const CreateAlias: Operation<'CreateAlias'> = async (request, input) => {
  const { key } = await lookUp(request, input.TargetKeyId);
  const { account, region, now } = request;
  const name = input.AliasName;
  await request.store.write(async (tx) => {
    requireKept(await requireKey(tx, key));
    if (await aliases.get(tx, account, region, name)) throw aliasExists(aliasArn({ account, region, name }));
    await requireRoom(tx, key);
    await aliases.put(tx, { account, region, name, key: key.id, created: now, updated: now });
  });
  return {};
};

async function requireRoom(tx: ReadTransaction, { account, region, id }: Key): Promise<void> {
  const present = await aliases.scanIndex(tx, 'key', [account, region, id], { limit: aliasesPerKeyMax });
  if (present.length >= aliasesPerKeyMax) throw limitExceeded(`The quota of ${aliasesPerKeyMax} aliases per key is reached.`);
}

export const UpdateAlias: Operation<'UpdateAlias'> = async (request, input) => {
  const { key: old } = await lookUp(request, input.AliasName);
  const { key } = await lookUp(request, input.TargetKeyId);
  if (kindOf(old) !== kindOf(key) || old.usage !== key.usage)
    throw invalidState('The current and new KMS keys of an alias must have the same type and key usage.');
  await request.store.write(async (tx) => {
    const alias = await aliases.get(tx, request.account, request.region, input.AliasName);
    if (!alias) throw aliasNotFound(aliasArn({ ...request, name: input.AliasName }));
    requireKept(await requireKey(tx, key));
    if (alias.key !== key.id) await requireRoom(tx, key);
    await aliases.put(tx, { ...alias, key: key.id, updated: request.now });
  });
  return {};
};

function kindOf({ spec }: Key): string {
  return isAsymmetric(spec) ? 'asymmetric' : spec.startsWith('HMAC') ? 'HMAC' : 'symmetric';
}

export const DeleteAlias: Operation<'DeleteAlias'> = async (request, input) => {
  await request.store.write((tx) => aliases.delete(tx, request.account, request.region, input.AliasName));
  return {};
};

export const ListAliases: Operation<'ListAliases'> = async (request, input) => {
  const { account, region } = request;
  const key = input.KeyId === undefined ? undefined : (await lookUp(request, input.KeyId)).key;
  const { rows, next } = await page<Alias>(request, input, (tx, at) =>
    key ? aliases.scanIndex(tx, 'key', [key.account, key.region, key.id], at) : aliases.scan(tx, [account, region], at),
  );
  const told = (alias: Alias) => ({
    AliasName: alias.name,
    AliasArn: aliasArn(alias),
    TargetKeyId: alias.key,
    CreationDate: new Date(alias.created),
    LastUpdatedDate: new Date(alias.updated),
  });
  return { Aliases: rows.map(told), ...next };
};

/** Throws what AWS answers to names that are none, and to those that it keeps for itself. */
function checkName(name: string): void {
  if (!/^[a-zA-Z0-9:/_-]{1,256}$/.test(name)) throw constraint('aliasName', name, 'satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$');
  if (!name.startsWith('alias/') || name === 'alias/')
    throw validation(
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    );
  if (name.startsWith('alias/aws/')) throw new AwsError('NotAuthorizedException', '', { status: 400 });
}

function checkOnAlias({ account, region }: ServiceRequest, action: string, name: string): Check {
  return { action: `kms:${action}`, resource: aliasArn({ account, region, name }) };
}

export async function onCreateAlias(request: ServiceRequest, input: Input<'CreateAlias'>): Promise<Check[]> {
  checkName(input.AliasName);
  return [checkOnAlias(request, 'CreateAlias', input.AliasName), await checkOnKey(request, 'CreateAlias', input.TargetKeyId)];
}

export async function onUpdateAlias(request: ServiceRequest, input: Input<'UpdateAlias'>): Promise<Check[]> {
  checkName(input.AliasName);
  return [
    checkOnAlias(request, 'UpdateAlias', input.AliasName),
    await checkOnKey(request, 'UpdateAlias', input.AliasName),
    await checkOnKey(request, 'UpdateAlias', input.TargetKeyId),
  ];
}

export async function onDeleteAlias(request: ServiceRequest, input: Input<'DeleteAlias'>): Promise<Check[]> {
  checkName(input.AliasName);
  return [checkOnAlias(request, 'DeleteAlias', input.AliasName), await checkOnKey(request, 'DeleteAlias', input.AliasName)];
}

async function checkOnKey(request: ServiceRequest, action: string, keyId: string): Promise<Check> {
  const found = await lookUp(request, keyId);
  requireOwn(request, found, action);
  return checkOn(request, found, { action });
}
