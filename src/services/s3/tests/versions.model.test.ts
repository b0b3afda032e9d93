/** Random work in a versioned bucket against a slow, obvious model, listings of any page size included. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { startCloud } from '../../../../tests/live-cloud.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);

/** The body of an object, or nothing for a delete marker. */
type Version = { id: string; body: string | undefined };
type Model = { status: 'Enabled' | 'Suspended' | undefined; /** Newest first. */ keys: Map<string, Version[]> };

const names = ['a', 'a/', 'a/b', 'b/1', 'b/2', '\u{10000}', '\uffff'];
const key = fc.constantFrom(...names);
const chosen = fc.nat(20);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('put' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('deleteVersion' as const), key, chosen }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('copy' as const), key, from: key, chosen }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('status' as const), status: fc.constantFrom('Enabled' as const, 'Suspended' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('tick' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const listing = fc.record({
  max: fc.integer({ min: 1, max: 5 }),
  delimiter: fc.constantFrom('', '/'),
  prefix: fc.constantFrom('', 'a', 'b/'),
});

let buckets = 0;

test('a versioned bucket does what a list of versions for each key does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 40 }),
      fc.array(listing, { minLength: 2, maxLength: 2 }),
      async (steps, listings) => {
        const Bucket = `versions-model-${buckets++}`;
        await s3.send(new CreateBucketCommand({ Bucket }));
        const model: Model = { status: undefined, keys: new Map() };
        for (const [i, one] of steps.entries()) await take(Bucket, model, one, `body ${i}`);
        await compareObjects(Bucket, model);
        for (const query of listings) await compareListing(Bucket, model, query);
      },
    ),
    { numRuns: 25, verbose: true },
  );
});

async function take(Bucket: string, model: Model, one: Step, body: string): Promise<void> {
  if (one.kind === 'tick') return cloud.advance(1);
  if (one.kind === 'status') {
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: one.status } }));
    model.status = one.status;
    return;
  }
  const Key = one.key;
  const versions = model.keys.get(Key) ?? [];
  if (one.kind === 'put') {
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: body }));
    return push(model, Key, VersionId, body);
  }
  if (one.kind === 'delete') {
    const { VersionId, DeleteMarker } = await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    assert.equal(DeleteMarker ?? false, model.status !== undefined);
    if (model.status === undefined) model.keys.delete(Key);
    else push(model, Key, VersionId, undefined);
    return;
  }
  if (one.kind === 'deleteVersion') {
    const version = versions[one.chosen % Math.max(versions.length, 1)];
    if (!version) return;
    await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: version.id }));
    return void model.keys.set(
      Key,
      versions.filter((other) => other !== version),
    );
  }
  const sources = (model.keys.get(one.from) ?? []).filter((version) => version.body !== undefined);
  const source = sources[one.chosen % Math.max(sources.length, 1)];
  if (!source) return;
  const CopySource = `${Bucket}/${encodeURIComponent(one.from)}?versionId=${source.id}`;
  const { VersionId } = await s3.send(new CopyObjectCommand({ Bucket, Key, CopySource, MetadataDirective: 'REPLACE' }));
  push(model, Key, VersionId, source.body);
}

/** In a bucket that is not enabled there is one null version, which the new one replaces. */
function push(model: Model, Key: string, id: string | undefined, body: string | undefined): void {
  assert.equal(id !== undefined && id !== 'null', model.status === 'Enabled');
  const versions = (model.keys.get(Key) ?? []).filter((version) => model.status === 'Enabled' || version.id !== 'null');
  model.keys.set(Key, [{ id: id ?? 'null', body }, ...versions]);
}

async function compareObjects(Bucket: string, model: Model): Promise<void> {
  const current = names.filter((name) => model.keys.get(name)?.[0]?.body !== undefined);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  assert.deepEqual(
    Contents.map(({ Key }) => Key),
    sorted(current),
  );
  for (const Key of current) assert.equal(await bodyOf(Bucket, Key), model.keys.get(Key)![0]!.body);
  for (const [Key, versions] of model.keys)
    for (const { id, body } of versions) if (body !== undefined) assert.equal(await bodyOf(Bucket, Key, id), body);
}

async function bodyOf(Bucket: string, Key: string, VersionId?: string): Promise<string> {
  return (await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body!.transformToString();
}

type Query = { max: number; delimiter: string; prefix: string };

async function compareListing(Bucket: string, model: Model, { max, delimiter, prefix }: Query): Promise<void> {
  const expected = { rows: [] as unknown[], prefixes: [] as string[] };
  for (const Key of sorted(names)) {
    if (!Key.startsWith(prefix) || !model.keys.get(Key)?.length) continue;
    const at = delimiter === '' ? -1 : Key.indexOf(delimiter, prefix.length);
    if (at >= 0) {
      if (!expected.prefixes.includes(Key.slice(0, at + 1))) expected.prefixes.push(Key.slice(0, at + 1));
    } else for (const [i, { id, body }] of model.keys.get(Key)!.entries()) expected.rows.push([Key, id, body === undefined, i === 0]);
  }
  const found = { rows: [] as unknown[], prefixes: [] as string[] };
  for (let page: ListObjectVersionsCommandOutput | undefined; page === undefined || page.IsTruncated;) {
    page = await s3.send(
      new ListObjectVersionsCommand({
        Bucket,
        MaxKeys: max,
        Delimiter: delimiter || undefined,
        Prefix: prefix,
        KeyMarker: page?.NextKeyMarker,
        VersionIdMarker: page?.NextVersionIdMarker,
      }),
    );
    const rows = [
      ...(page.Versions ?? []).map((row) => ({ ...row, marker: false })),
      ...(page.DeleteMarkers ?? []).map((row) => ({ ...row, marker: true })),
    ];
    assert.ok(rows.length + (page.CommonPrefixes?.length ?? 0) <= max);
    // The SDK keeps versions and markers apart: within a page their order is the model's.
    const place = (row: (typeof rows)[number]) => model.keys.get(row.Key!)!.findIndex(({ id }) => id === row.VersionId);
    rows.sort((a, b) => Buffer.compare(Buffer.from(a.Key!), Buffer.from(b.Key!)) || place(a) - place(b));
    found.rows.push(...rows.map((row) => [row.Key, row.VersionId, row.marker, row.IsLatest]));
    found.prefixes.push(...(page.CommonPrefixes ?? []).map((common) => common.Prefix!));
  }
  assert.deepEqual(found, expected);
}

function sorted(keys: readonly string[]): string[] {
  return keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
