/**
 * Tables with a KMS key: each has a data key, which that wraps and under which its rows lie. As on AWS whoever reads or writes items needs
 * the KMS key too, and is asked for once in five minutes; DynamoDB's own work goes by a grant:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
 */

import { createSecretKey, type KeyObject } from 'node:crypto';
import type { SSEDescription, SSESpecification } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../../framework/aws-error.ts';
import { cloudKey } from '../../../framework/blob-encryption/data-keys.ts';
import { askKms, makeDataKey, openDataKey, type DataKeyUse } from '../../../framework/data-keys.ts';
import type { Aws } from '../../../framework/clients.ts';
import type { KeyGrant } from '../../../framework/ebs-snapshots/keys.ts';
import type { ServicePrincipal } from '../../../framework/principal.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { openBytes, sealBytes } from '../../../framework/sealed-bytes.ts';
import { fromKms, invalidParameters, unfitKey } from '../errors.ts';
import { keyReuseMilliseconds } from '../limits.ts';
import { isTableKeyOpen, openedTableKey, openTableKey } from '../storage/table-keys.ts';
import type { TableKey } from '../tables.ts';
import type { TablePlace } from './lookup.ts';
import { tableArn, type TableEncryption, type TableRecord } from './table.ts';

/** The key that AWS keeps for those who choose none. */
const managedKey = 'alias/aws/dynamodb';
const dynamodbName = 'dynamodb.amazonaws.com';

/** Who DynamoDB is to KMS when it works by itself: the grantee of the grants that those who encrypt tables give. */
export const dynamodbPrincipal = ({ account, region, table: name }: TableKey): ServicePrincipal => ({
  ...{ type: 'Service', account, arn: '', id: dynamodbName, name: dynamodbName },
  ...{ sourceArn: tableArn({ account, region, name }), sourceAccount: account },
});

/** What a table is to be given, and the row of its data key. */
export type Wanted = { sse: TableEncryption; row: TableKey };

/** Also for backups and what else lies under the table's key after it has gone. */
export const contextOf = ({ account, name }: { account: string; name: string }): Record<string, string> => ({
  'aws:dynamodb:tableName': name,
  'aws:dynamodb:subscriberId': account,
});

const useOf = (table: TablePlace, keyId: string): DataKeyUse => ({
  keyId,
  owner: table,
  context: contextOf(table),
  reuseMilliseconds: keyReuseMilliseconds,
});

/** Of a key that a table is to get. */
const asking = <T>(call: Promise<T>): Promise<T> => askKms(call, unfitKey);

/** The KMS key that a specification asks for; undefined where it asks for the cloud's own. Throws ValidationException. */
export function wantedKey(specification: SSESpecification | undefined): string | undefined {
  const { Enabled: enabled, SSEType: type, KMSMasterKeyId: keyId } = specification ?? {};
  if (type !== undefined && type !== 'KMS') throw invalidParameters('SSEType must be KMS');
  if (enabled !== true) {
    if (keyId !== undefined) throw invalidParameters('KMSMasterKeyId cannot be specified when SSE is not enabled');
    return undefined;
  }
  return keyId ?? managedKey;
}

/** A data key for a table that had none. Throws what KMS refuses, as DynamoDB words it. */
export async function newTableKey(request: ServiceRequest, table: TablePlace, keyId: string): Promise<Wanted> {
  const { sealed, key } = await asking(makeDataKey(request, useOf(table, keyId), true));
  const id = request.random.uuid();
  openTableKey(id, key, request.random);
  return wrapped(table, id, sealed.blob, sealed.keyArn, await grantUse(request, table, id, sealed.keyArn));
}

/** The same data key under another KMS key, or under the cloud's own: rows stay as they are. */
export async function rewrap(
  request: ServiceRequest,
  table: TableRecord & { sse: TableEncryption },
  keyId: string | undefined,
): Promise<Wanted> {
  await requireTableKey(request, table);
  const { sse } = table;
  const { key } = openedTableKey(sse.dataKey);
  if (keyId === undefined) {
    const blob = sealBytes(await cloudKey(request, 'dynamodb'), key.export(), request.random).toString('base64');
    return wrapped(table, sse.dataKey, blob);
  }
  const { KeyId: keyArn, CiphertextBlob } = await asking(
    request.aws.kms('Encrypt', { KeyId: keyId, Plaintext: key.export(), EncryptionContext: contextOf(table) }),
  );
  if (keyArn === sse.keyArn) throw invalidParameters('Table is already encrypted by given KMSMasterKeyId');
  const blob = Buffer.from(CiphertextBlob!).toString('base64');
  return wrapped(table, sse.dataKey, blob, keyArn, await grantUse(request, table, `${sse.dataKey} ${request.now}`, keyArn!));
}

function wrapped({ account, region, name }: TablePlace, dataKey: string, blob: string, keyArn?: string, grant?: KeyGrant): Wanted {
  const by = keyArn === undefined ? {} : { keyArn };
  return {
    sse: { dataKey, blob, ...by },
    row: { id: dataKey, account, region, table: name, blob, ...by, ...(grant && { grant }) },
  };
}

async function grantUse(request: ServiceRequest, table: TablePlace, name: string, keyArn: string): Promise<KeyGrant> {
  const { GrantId } = await asking(
    request.aws.kms('CreateGrant', {
      ...{ KeyId: keyArn, GranteePrincipal: dynamodbName, RetiringPrincipal: dynamodbName, Operations: ['Decrypt', 'RetireGrant'] },
      ...{ Name: name.replaceAll(' ', '/'), Constraints: { EncryptionContextSubset: contextOf(table) } },
    }),
  );
  return { keyArn, id: GrantId! };
}

/** Gives a grant back, as DynamoDB. The key may be gone, and its grants with it: gives what KMS says then. */
export async function retireGrant(aws: Aws, { keyArn, id }: KeyGrant): Promise<string | undefined> {
  try {
    await aws.kms('RetireGrant', { KeyId: keyArn, GrantId: id });
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return error.message;
    throw error;
  }
}

/** Opens a table's rows to the caller's call. Throws AccessDeniedException where KMS refuses the caller its key. */
export async function requireTableKey(request: ServiceRequest, table: TableRecord): Promise<void> {
  const { sse } = table;
  if (!sse) return;
  if (sse.keyArn === undefined) {
    if (!isTableKeyOpen(sse.dataKey)) openTableKey(sse.dataKey, await openOwn(request, sse.blob), request.random);
    return;
  }
  const key = await askKms(openDataKey(request, useOf(table, sse.keyArn), { keyArn: sse.keyArn, blob: sse.blob }), fromKms);
  if (!isTableKeyOpen(sse.dataKey)) openTableKey(sse.dataKey, key, request.random);
}

/** A data key that lies under the cloud's own key. */
export async function openOwn(means: Pick<ServiceRequest, 'store' | 'random'>, blob: string): Promise<KeyObject> {
  return createSecretKey(openBytes(await cloudKey(means, 'dynamodb'), Buffer.from(blob, 'base64')));
}

export function describeEncryption({ sse }: TableRecord): { SSEDescription?: SSEDescription } {
  if (sse?.keyArn === undefined) return {};
  return {
    SSEDescription: {
      Status: sse.sealing ? 'UPDATING' : 'ENABLED',
      SSEType: 'KMS',
      KMSMasterKeyArn: sse.keyArn,
      ...(sse.inaccessible !== undefined && { InaccessibleEncryptionDateTime: new Date(sse.inaccessible) }),
    },
  };
}
