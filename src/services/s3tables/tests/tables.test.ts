/** Table buckets, namespaces and tables, as the metadata tables of S3 fill them. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as Iam from '@aws-sdk/client-iam';
import * as S3 from '@aws-sdk/client-s3';
import * as sdk from '@aws-sdk/client-s3tables';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { sha256, signRequest } from '../../../framework/request-signature.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const client = cloud.client(sdk.S3TablesClient);
const s3 = cloud.client(S3.S3Client);
const iam = cloud.client(Iam.IAMClient);
const arn = 'arn:aws:s3tables:us-east-1:000000000000:bucket/aws-s3';

for (const Bucket of ['one', 'two', 'three']) {
  const name = `tables-${Bucket}`;
  await s3.send(new S3.CreateBucketCommand({ Bucket: name }));
  const MetadataConfiguration = {
    JournalTableConfiguration: { RecordExpiration: { Expiration: 'DISABLED' } },
    InventoryTableConfiguration: { ConfigurationState: 'ENABLED' },
  } as const;
  await s3.send(new S3.CreateBucketMetadataConfigurationCommand({ Bucket: name, MetadataConfiguration }));
}
await cloud.cloud.settled();

test('table buckets, namespaces and tables are listed in pages', async () => {
  const { tableBuckets } = await client.send(new sdk.ListTableBucketsCommand({ type: 'aws' }));
  assert.deepEqual(
    tableBuckets!.map(({ name, type }) => [name, type]),
    [['aws-s3', 'aws']],
  );
  assert.equal((await client.send(new sdk.GetTableBucketCommand({ tableBucketARN: arn }))).ownerAccountId, '000000000000');
  const { encryptionConfiguration } = await client.send(new sdk.GetTableBucketEncryptionCommand({ tableBucketARN: arn }));
  assert.equal(encryptionConfiguration!.sseAlgorithm, 'AES256');
  const names: string[] = [];
  for await (const { namespaces } of sdk.paginateListNamespaces({ client, pageSize: 2 }, { tableBucketARN: arn }))
    names.push(...namespaces!.map(({ namespace }) => namespace![0]!));
  assert.deepEqual(names, ['b_tables-one', 'b_tables-three', 'b_tables-two']);
  const tables: string[] = [];
  for await (const page of sdk.paginateListTables({ client, pageSize: 4 }, { tableBucketARN: arn }))
    tables.push(...page.tables!.map(({ namespace, name }) => `${namespace![0]}.${name}`));
  assert.equal(tables.length, 6);
  const one = await client.send(new sdk.ListTablesCommand({ tableBucketARN: arn, namespace: 'b_tables-two', prefix: 'inv' }));
  assert.deepEqual(
    one.tables!.map(({ name }) => name),
    ['inventory'],
  );
});

test('a table is found by its name and by its ARN', async () => {
  const name = { tableBucketARN: arn, namespace: 'b_tables-one', name: 'journal' };
  const table = await client.send(new sdk.GetTableCommand(name));
  assert.deepEqual([table.type, table.format, table.managedByService], ['aws', 'ICEBERG', 'metadata.s3.amazonaws.com']);
  assert.equal((await client.send(new sdk.GetTableCommand({ tableArn: table.tableARN }))).metadataLocation, table.metadataLocation);
  const at = await client.send(new sdk.GetTableMetadataLocationCommand(name));
  assert.deepEqual([at.metadataLocation, at.versionToken], [table.metadataLocation, table.versionToken]);
  const { encryptionConfiguration } = await client.send(new sdk.GetTableEncryptionCommand(name));
  assert.deepEqual(encryptionConfiguration, { sseAlgorithm: 'AES256' });
  const { namespace } = await client.send(new sdk.GetNamespaceCommand({ tableBucketARN: arn, namespace: 'b_tables-one' }));
  assert.deepEqual(namespace, ['b_tables-one']);
});

test('what is not there is not found, and what AWS manages is not changed', async () => {
  const missing = 'arn:aws:s3tables:us-east-1:000000000000:bucket/nowhere';
  await refused(client.send(new sdk.GetTableBucketCommand({ tableBucketARN: missing })), { code: 'NotFoundException', status: 404 });
  await refused(client.send(new sdk.ListNamespacesCommand({ tableBucketARN: missing })), 'NotFoundException');
  await refused(client.send(new sdk.GetTableBucketCommand({ tableBucketARN: 'nonsense' })), 'BadRequestException');
  await refused(client.send(new sdk.GetNamespaceCommand({ tableBucketARN: arn, namespace: 'no' })), 'NotFoundException');
  await refused(client.send(new sdk.GetTableCommand({ tableBucketARN: arn, namespace: 'b_tables-one', name: 'no' })), 'NotFoundException');
  await refused(client.send(new sdk.GetTableCommand({ tableBucketARN: arn })), 'BadRequestException');
  await refused(client.send(new sdk.DeleteTableBucketCommand({ tableBucketARN: arn })), 'ForbiddenException');
  await refused(client.send(new sdk.DeleteNamespaceCommand({ tableBucketARN: arn, namespace: 'b_tables-one' })), 'ForbiddenException');
  await refused(
    client.send(new sdk.DeleteTableCommand({ tableBucketARN: arn, namespace: 'b_tables-one', name: 'no' })),
    'NotFoundException',
  );
  const made = client.send(new sdk.CreateTableCommand({ tableBucketARN: arn, namespace: 'b_tables-one', name: 'x', format: 'ICEBERG' }));
  await refused(made, { code: 'NotImplemented', status: 501 });
});

test('a table bucket of the customer is made and deleted', async () => {
  const { arn: tableBucketARN } = await client.send(new sdk.CreateTableBucketCommand({ name: 'mine' }));
  await refused(client.send(new sdk.CreateTableBucketCommand({ name: 'mine' })), { code: 'ConflictException', status: 409 });
  await refused(client.send(new sdk.CreateTableBucketCommand({ name: 'aws-mine' })), 'BadRequestException');
  await client.send(new sdk.DeleteTableBucketCommand({ tableBucketARN }));
  await refused(client.send(new sdk.GetTableBucketCommand({ tableBucketARN })), 'NotFoundException');
});

test('who may read a table reads its files, and no others', async () => {
  const UserName = 'reader';
  await iam.send(new Iam.CreateUserCommand({ UserName }));
  const { AccessKey } = await iam.send(new Iam.CreateAccessKeyCommand({ UserName }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const asUser = { tables: cloud.client(sdk.S3TablesClient, { credentials }), s3: cloud.client(S3.S3Client, { credentials }) };
  const own = { tableBucketARN: arn, namespace: 'b_tables-one', name: 'journal' };
  const table = await client.send(new sdk.GetTableCommand(own));
  const other = await client.send(new sdk.GetTableCommand({ ...own, name: 'inventory' }));
  await refused(asUser.tables.send(new sdk.GetTableCommand(own)), { code: 'AccessDeniedException', status: 403 });
  const Action = ['s3tables:GetTable', 's3tables:GetTableData', 's3tables:GetTableMetadataLocation'];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: table.tableARN }] });
  await iam.send(new Iam.PutUserPolicyCommand({ UserName, PolicyName: 'read', PolicyDocument }));
  await asUser.tables.send(new sdk.GetTableMetadataLocationCommand(own));
  const read = (location: string) => {
    const { hostname: Bucket, pathname } = new URL(location);
    return asUser.s3.send(new S3.GetObjectCommand({ Bucket, Key: pathname.slice(1) }));
  };
  assert.match(await (await read(table.metadataLocation!)).Body!.transformToString(), /"format-version":2/);
  await refused(read(other.metadataLocation!), { code: 'AccessDenied', status: 403 });
});

test('the REST catalog of Iceberg answers signed requests of readers', async () => {
  const ask = (method: string, path: string) => {
    const [pathname, query = ''] = path.split('?') as [string, string?];
    const unsigned = {
      ...{ method, host: `127.0.0.1:${cloud.port}`, headers: {}, bodySha256: sha256('') },
      // Signatures are over paths that are encoded once more, but for S3.
      ...{ path: pathname.replaceAll('%', '%25'), query: Object.fromEntries(new URLSearchParams(query)) },
    };
    const key = { accessKeyId: 'test', secretAccessKey: 'test' };
    const { headers } = signRequest(key, { region: 'us-east-1', service: 's3tables' }, unsigned, cloud.cloud.clock.now());
    return fetch(`${cloud.endpoint}${path}`, { method, headers });
  };
  const read = async <T>(path: string): Promise<T> => (await (await ask('GET', path)).json()) as T;
  const config = await read<{ overrides: { prefix: string } }>(`/iceberg/v1/config?warehouse=${encodeURIComponent(arn)}`);
  const { prefix } = config.overrides;
  const below = `/iceberg/v1/${prefix}/namespaces`;
  const { namespaces } = await read<{ namespaces: string[][] }>(below);
  assert.deepEqual(namespaces, [['b_tables-one'], ['b_tables-three'], ['b_tables-two']]);
  const { identifiers } = await read<{ identifiers: { name: string }[] }>(`${below}/b_tables-one/tables`);
  assert.deepEqual(
    identifiers.map(({ name }) => name),
    ['inventory', 'journal'],
  );
  const table = await read<{ metadata: Record<string, unknown> }>(`${below}/b_tables-one/tables/journal`);
  assert.equal(table.metadata['format-version'], 2);
  assert.equal((await ask('HEAD', `${below}/b_tables-one/tables/journal`)).status, 204);
  const missing = await ask('GET', `${below}/b_tables-one/tables/no`);
  assert.deepEqual([missing.status, ((await missing.json()) as { error: { type: string } }).error.type], [404, 'NotFoundException']);
  assert.equal((await ask('POST', below)).status, 501);
  assert.ok((await fetch(`${cloud.endpoint}${below}`)).status >= 400);
});
