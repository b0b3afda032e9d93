/** Grants: create, list, retire, revoke. */

import type { Check } from '../../../framework/authorization.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { constraint, dryRunSucceeded, invalidArn, invalidGrantToken, limitExceeded, notFound, validation } from '../errors.ts';
import { isAsymmetric, keyArn, requireEnabled } from '../keys/key.ts';
import { lookUp, requireKey } from '../keys/lookup.ts';
import { grantsListedDefault, grantsListedMax, grantsPerKeyMax } from '../limits.ts';
import { page } from '../pages.ts';
import { checkOn } from '../permissions.ts';
import type { Input, Operation, Output } from '../sdk.ts';
import { grants, keys, type Grant, type Key } from '../tables.ts';
import { grantFor, identitiesOf } from './matching.ts';

const operations = new Set(
  (
    'Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo Sign Verify GetPublicKey CreateGrant RetireGrant ' +
    'DescribeKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateMac VerifyMac DeriveSharedSecret'
  ).split(' '),
);
const servicePrincipal = /^[a-z0-9.-]+\.amazonaws\.com$/;
const principalArn = /^arn:aws:(iam|sts)::\d{12}:(root|(user|role|assumed-role|federated-user)\/.{1,500})$/;

export const CreateGrant: Operation<'CreateGrant'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  const grant = readGrant(request, key, input);
  requireEnabled(key);
  await requireWithinOwnGrant(request, key, grant);
  if (input.DryRun) throw dryRunSucceeded();
  const id = await request.store.write(async (tx) => {
    const present = await requireKey(tx, key);
    requireEnabled(present);
    const others = await grants.scanIndex(tx, 'grantee', [key.id, grant.grantee]);
    // A name makes the call safe to repeat: the same grant again is the same grant.
    const same = grant.name !== undefined && others.find(({ row }) => isSame(row, grant));
    if (same) return same.row.id;
    if (others.length >= grantsPerKeyMax) throw limitExceeded(`The quota of ${grantsPerKeyMax} grants per key is reached.`);
    await grants.put(tx, grant);
    if (!present.granted) await keys.put(tx, { ...present, granted: true });
    return grant.id;
  });
  return { GrantId: id, GrantToken: tokenOf(request, id) };
};

/** Grants to services by their own name, and bound to a source, are new members of the API. */
function refuseUnbuilt(request: ServiceRequest, input: object): void {
  const given = input as Readonly<Record<string, unknown>>;
  const refused = ['GranteeServicePrincipal', 'RetiringServicePrincipal'].find((name) => given[name] !== undefined);
  if (refused !== undefined) throw notImplemented(`kms:${request.operation} with ${refused}`);
  const constraints = given['Constraints'] as { SourceArn?: unknown } | undefined;
  if (constraints?.SourceArn !== undefined) throw notImplemented(`kms:${request.operation} with Constraints.SourceArn`);
}

function readGrant(request: ServiceRequest, key: Key, input: Input<'CreateGrant'>): Grant {
  refuseUnbuilt(request, input);
  const { GranteePrincipal: grantee } = input;
  if (grantee === undefined) throw constraint('granteePrincipal', 'null', 'not be null');
  const named: readonly string[] = input.Operations;
  const unknown = named.find((name) => !operations.has(name));
  if (unknown !== undefined || named.length === 0)
    throw constraint(
      'operations',
      `[${named.join(', ')}]`,
      `satisfy constraint: [Member must satisfy enum value set: [${[...operations].join(', ')}]]`,
    );
  for (const principal of [grantee, input.RetiringPrincipal])
    if (principal !== undefined && !principalArn.test(principal) && !servicePrincipal.test(principal))
      throw invalidArn('ARN does not refer to a valid principal');
  if (input.Name !== undefined && !/^[a-zA-Z0-9:/_-]{1,256}$/.test(input.Name))
    throw constraint('name', input.Name, 'satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$');
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset } = input.Constraints ?? {};
  if (equals && subset) throw validation('Only one of EncryptionContextEquals and EncryptionContextSubset may be specified.');
  if ((equals ?? subset) && key.spec !== 'SYMMETRIC_DEFAULT')
    throw validation(`Grant constraints are not supported for ${isAsymmetric(key.spec) ? 'asymmetric' : 'HMAC'} keys.`);
  return {
    account: key.account,
    region: key.region,
    key: key.id,
    id: request.random.bytes(32).toString('hex'),
    grantee,
    ...(input.RetiringPrincipal !== undefined && { retiring: input.RetiringPrincipal }),
    operations: [...new Set(named)],
    ...(input.Name !== undefined && { name: input.Name }),
    created: request.now,
    issuer: request.account,
    ...((equals ?? subset) && {
      constraints: { ...(equals && { equals: Object.entries(equals).sort() }), ...(subset && { subset: Object.entries(subset).sort() }) },
    }),
  };
}

function isSame(a: Grant, b: Grant): boolean {
  const facts = ({ id: _id, created: _created, operations: list, ...rest }: Grant): string =>
    JSON.stringify([[...list].sort(), Object.entries(rest).sort(([x], [y]) => (x < y ? -1 : 1))]);
  return facts(a) === facts(b);
}

/** Whoever creates grants by a grant gives on no more than it has. */
async function requireWithinOwnGrant(request: ServiceRequest, key: Key, grant: Grant): Promise<void> {
  const parent = key.granted && (await grantFor(request, key, { action: 'CreateGrant' }));
  if (!parent) return;
  const { operations: list, constraints } = parent;
  const within = grant.operations.every((name) => list.includes(name));
  const given = grant.constraints?.equals ?? grant.constraints?.subset ?? [];
  const wanted = constraints?.equals ?? constraints?.subset ?? [];
  const strict = wanted.every(([name, value]) => given.some(([other, same]) => other === name && same === value));
  if (within && strict) return;
  const { policy, aliases } = await lookUp(request, keyArn(key));
  // More than the grant allows: then the policies alone must.
  const { granted: _granted, ...plain } = key;
  await request.permit(await checkOn(request, { key: plain, policy, aliases }, { action: 'CreateGrant' }));
}

type Listed = NonNullable<Output<'ListGrants'>['Grants']>[number];

function listed(grant: Grant): Listed {
  const { constraints } = grant;
  const told = {
    KeyId: keyArn({ account: grant.account, region: grant.region, id: grant.key }),
    GrantId: grant.id,
    Name: grant.name ?? '',
    CreationDate: new Date(grant.created),
    GranteePrincipal: grant.grantee,
    ...(grant.retiring !== undefined && { RetiringPrincipal: grant.retiring }),
    IssuingAccount: `arn:aws:iam::${grant.issuer}:root`,
    Operations: grant.operations,
    ...(constraints && {
      Constraints: {
        ...(constraints.equals && { EncryptionContextEquals: record(constraints.equals) }),
        ...(constraints.subset && { EncryptionContextSubset: record(constraints.subset) }),
      },
    }),
  };
  return told as Listed;
}

function record(pairs: readonly [string, string][]): Record<string, string> {
  const result = Object.create(null) as Record<string, string>;
  for (const [name, value] of pairs) result[name] = value;
  return result;
}

const pageSizes = { standard: grantsListedDefault, max: grantsListedMax };

export const ListGrants: Operation<'ListGrants'> = async (request, input) => {
  refuseUnbuilt(request, input);
  const { key } = await lookUp(request, input.KeyId);
  const { GrantId: id, GranteePrincipal: grantee } = input;
  const { rows, next } = await page<Grant>(
    request,
    input,
    async (tx, at) => {
      if (grantee !== undefined) return grants.scanIndex(tx, 'grantee', [key.id, grantee], at);
      return grants.scan(tx, id === undefined ? [key.account, key.region, key.id] : [key.account, key.region, key.id, id], at);
    },
    pageSizes,
  );
  return { Grants: rows.filter((row) => id === undefined || row.id === id).map(listed), ...next };
};

export const ListRetirableGrants: Operation<'ListRetirableGrants'> = async (request, input) => {
  refuseUnbuilt(request, input);
  const { account, region } = request;
  const { RetiringPrincipal: retiring } = input;
  if (retiring === undefined) throw constraint('retiringPrincipal', 'null', 'not be null');
  const scan: Parameters<typeof page<Grant>>[2] = (tx, at) => grants.scanIndex(tx, 'retiring', [account, region, retiring], at);
  const { rows, next } = await page<Grant>(request, input, scan, pageSizes);
  return { Grants: rows.map(listed), ...next };
};

export const RevokeGrant: Operation<'RevokeGrant'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  if (input.DryRun) throw dryRunSucceeded();
  await request.store.write(async (tx) => {
    const grant = await grants.get(tx, key.account, key.region, key.id, input.GrantId);
    if (!grant) throw grantNotFound(input.GrantId);
    await grants.delete(tx, grant.account, grant.region, grant.key, grant.id);
  });
  return {};
};

export const RetireGrant: Operation<'RetireGrant'> = async (request, input) => {
  const grant = await grantToRetire(request, input);
  if (input.DryRun) throw dryRunSucceeded();
  await request.store.write((tx) => grants.delete(tx, grant.account, grant.region, grant.key, grant.id));
  return {};
};

/** The retiring principal, a grantee who was allowed to, and the issuing account's root need nothing else. */
export async function onRetireGrant(request: ServiceRequest, input: Input<'RetireGrant'>): Promise<Check[]> {
  const grant = await grantToRetire(request, input);
  const identities = identitiesOf(request.principal);
  if (grant.retiring !== undefined && identities.includes(grant.retiring)) return [];
  if (grant.operations.includes('RetireGrant') && identities.includes(grant.grantee)) return [];
  const found = await lookUp(request, keyArn({ account: grant.account, region: grant.region, id: grant.key }));
  return [await checkOn(request, found, { action: 'RetireGrant' })];
}

async function grantToRetire(request: ServiceRequest, input: Input<'RetireGrant'>): Promise<Grant> {
  const { GrantToken: token, KeyId: keyId, GrantId: id } = input;
  if (token === undefined && (keyId === undefined || id === undefined))
    throw validation('Please specify either a grant token or a key ID and a grant ID.');
  const wanted = token === undefined ? id! : grantOfToken(token);
  const grant = await request.store.read((tx) => grants.find(tx, 'id', request.region, wanted));
  const key = keyId === undefined ? undefined : (await lookUp(request, keyId)).key.id;
  if (!grant || (key !== undefined && grant.key !== key)) throw grantNotFound(wanted);
  return grant;
}

function grantNotFound(id: string) {
  return notFound(`Grant ID ${id} not found`);
}

const tokenStart = 'haneul-grant ';

/** Grants count at once, so a token says only which grant is meant. */
function tokenOf(request: ServiceRequest, id: string): string {
  return Buffer.from(`${tokenStart}${request.region} ${id}`).toString('base64url');
}

function grantOfToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  const id = text.startsWith(tokenStart) ? text.split(' ')[2] : undefined;
  if (id === undefined || !/^[0-9a-f]{64}$/.test(id)) throw invalidGrantToken('The grant token is not valid.');
  return id;
}
