/** GetParameter, GetParameters, GetParametersByPath and GetParameterHistory: one's own parameters, and those that AWS publishes. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { invalidNextToken, parameterNotFound } from '../errors.ts';
import { describedPerPageMax, parametersPerPageMax, rowsPerPageMax } from '../limits.ts';
import { isPublicName, publicParameters, publicVersions, type Shown } from '../public-parameters/parameters.ts';
import type { Operation } from '../sdk.ts';
import { labels, parameters, parameterVersions, type Parameter, type ParameterVersion } from '../tables.ts';
import { matcherOf, type Filter } from './filters.ts';
import { labelsOf, pageLimit, readToken, requireParameter, requireVersion, tokenOf } from './lookup.ts';
import { folderOf, knownName, parameterArn, referenceOf, requireNames, type Reference } from './names.ts';
import { shownPolicies } from './policies.ts';
import { open } from './sealing.ts';

/** A sealed value is shown as it was sealed, unless it is to be opened. */
async function shown(
  request: ServiceRequest,
  version: ParameterVersion,
  decrypted: boolean,
  { selector, shown: name = version.name }: Partial<Reference> = {},
): Promise<Shown> {
  return {
    ...{ Name: name, Type: version.type, Version: version.version, DataType: version.dataType },
    Value: decrypted ? await open(request, version) : version.value,
    LastModifiedDate: new Date(version.modified),
    ARN: parameterArn(version, version.name),
    ...(selector !== undefined && { Selector: `:${selector}` }),
  };
}

async function find(request: ServiceRequest, reference: Reference, decrypted: boolean): Promise<Shown> {
  if (isPublicName(reference.names[0]!)) {
    const found = publicVersions(await publicParameters(request), reference);
    if (!found) throw parameterNotFound();
    return found;
  }
  const version = await request.store.read((tx) => requireVersion(tx, request, reference));
  return shown(request, version, decrypted, reference);
}

export const GetParameter: Operation<'GetParameter'> = async (request, { Name, WithDecryption: decrypted = false }) => ({
  Parameter: await find(request, referenceOf(Name), decrypted),
});

export const GetParameters: Operation<'GetParameters'> = async (request, { Names, WithDecryption: decrypted = false }) => {
  requireNames(Names);
  const found: Shown[] = [];
  const lost: string[] = [];
  for (const name of new Set(Names)) {
    const reference = referenceOf(name);
    try {
      found.push(await find(request, reference, decrypted));
    } catch (error) {
      if (!(error instanceof AwsError) || !/^Parameter(?:Version)?NotFound$/.test(error.code)) throw error;
      lost.push(name);
    }
  }
  return { Parameters: found.sort((a, b) => (a.Name < b.Name ? -1 : 1)), InvalidParameters: lost };
};

export const GetParametersByPath: Operation<'GetParametersByPath'> = async (request, input) => {
  const { Path: path, Recursive: recursive = false, WithDecryption: decrypted = false, NextToken: token } = input;
  const folder = folderOf(path);
  const limit = pageLimit(input.MaxResults, parametersPerPageMax);
  const filters = (input.ParameterFilters ?? []) as Filter[];
  const matches = matcherOf(filters, ['Type', 'KeyId', 'Label']);
  if (isPublicName(`${folder}/`)) return publicPage(await publicParameters(request), { folder, recursive, limit, token });
  const label = filters.find(({ Key }) => Key === 'Label')?.Values?.[0];
  const page = await request.store.read(async (tx) => {
    const { rows, next } = await below(tx, request, { folder, recursive, limit, after: readToken(token), matches });
    const versions: ParameterVersion[] = [];
    for (const row of rows) versions.push(...(await versionOf(tx, row, label)));
    return { versions, next };
  });
  const Parameters: Shown[] = [];
  for (const version of page.versions)
    Parameters.push(await shown(request, version, decrypted, label === undefined ? {} : { selector: label }));
  return { Parameters, ...(page.next && { NextToken: tokenOf(page.next) }) };
};

/** The newest version, or the one with a label, if there is one. */
async function versionOf(tx: ReadTransaction, { account, region, name, version }: Parameter, label?: string): Promise<ParameterVersion[]> {
  const meant = label === undefined ? version : (await labels.get(tx, account, region, name, label))?.version;
  const found = meant === undefined ? undefined : await parameterVersions.get(tx, account, region, name, meant);
  return found ? [found] : [];
}

type Below = {
  folder: string;
  recursive: boolean;
  limit: number;
  after: Uint8Array | undefined;
  matches: (parameter: Parameter) => boolean;
};

/** A page of what is right below a folder, or anywhere below it, and where the next one begins. */
async function below(
  tx: ReadTransaction,
  { account, region }: ServiceRequest,
  { folder, recursive, limit, after, matches }: Below,
): Promise<{ rows: Parameter[]; next?: Uint8Array | string }> {
  const rows: Parameter[] = [];
  const from = recursive && after ? `${Buffer.from(after).toString()}\0` : `${folder}/`;
  if (recursive && !from.startsWith(`${folder}/`)) throw invalidNextToken();
  // `0` is what comes behind `/`.
  const scanned = recursive
    ? await parameters.between(tx, [account, region, from], [account, region, `${folder}0`], { limit: rowsPerPageMax })
    : await parameters.scanIndex(tx, 'byFolder', [account, region, folder], { limit: rowsPerPageMax, ...(after && { after }) });
  for (const [at, { row, cursor }] of scanned.entries()) {
    if (matches(row)) rows.push(row);
    const more = at < scanned.length - 1 || scanned.length === rowsPerPageMax;
    if (rows.length === limit && more) return { rows, next: recursive ? row.name : cursor };
  }
  const last = scanned.length === rowsPerPageMax ? scanned.at(-1) : undefined;
  return { rows, ...(last && { next: recursive ? last.row.name : last.cursor }) };
}

function publicPage(
  all: readonly Shown[],
  { folder, recursive, limit, token }: { folder: string; recursive: boolean; limit: number; token: string | undefined },
): { Parameters: Shown[]; NextToken?: string } {
  const start = `${folder}/`;
  const after = readToken(token)?.toString() ?? '';
  if (token !== undefined && !after.startsWith(start)) throw invalidNextToken();
  const rest = all.filter(
    ({ Name: name }) => name > after && name.startsWith(start) && (recursive || !name.slice(start.length).includes('/')),
  );
  const page = rest.slice(0, limit);
  return { Parameters: page, ...(rest.length > limit && { NextToken: tokenOf(page.at(-1)!.Name) }) };
}

export const GetParameterHistory: Operation<'GetParameterHistory'> = async (request, input) => {
  const { WithDecryption: decrypted = false, NextToken: token } = input;
  const asked = knownName(input.Name);
  const limit = pageLimit(input.MaxResults, describedPerPageMax);
  const after = readToken(token);
  const { account, region } = request;
  const { page, byVersion } = await request.store.read(async (tx) => {
    const { name } = await requireParameter(tx, request, asked);
    const found = await parameterVersions.scan(tx, [account, region, name], { limit: limit + 1, ...(after && { after }) });
    return { page: found, byVersion: await labelsOf(tx, { account, region, name }) };
  });
  const Parameters = [];
  for (const { row } of page.slice(0, limit))
    Parameters.push({
      ...{ Name: row.name, Type: row.type, Version: row.version, DataType: row.dataType, Tier: row.tier, KeyId: row.keyId },
      ...{ LastModifiedDate: new Date(row.modified), LastModifiedUser: row.modifiedBy },
      ...{ Description: row.description, AllowedPattern: row.allowedPattern, Policies: shownPolicies(row.policies) },
      Value: decrypted ? await open(request, row) : row.value,
      Labels: byVersion.get(row.version) ?? [],
    });
  return { Parameters, ...(page.length > limit && { NextToken: tokenOf(page[limit - 1]!.cursor) }) };
};
