/** The rows of live tables, made from what the bucket holds. */

import type { Readable } from 'node:stream';
import { AwsError } from '../../../framework/aws-error.ts';
import type { Aws } from '../../../framework/clients.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { asServiceRole } from '../../../framework/service-role.ts';
import { annotationsOf } from '../annotations/bytes.ts';
import type { Annotation } from '../annotations/tables.ts';
import { accessDenied } from '../errors.ts';
import type { ObjectRecord } from '../tables.ts';
import { isDeleteMarker, versionIdOf } from '../versions/version.ts';
import { annotationRow, inventoryRow } from './columns.ts';
import type { LiveRows } from './live-writer.ts';
import type { MetadataConfiguration } from './tables.ts';
import { versionsInRange } from './versions-in-range.ts';
import { asKeeper, keeperName } from './warehouse.ts';

/** About what a row takes besides its name, tags and metadata. */
const rowBytes = 200;

export function inventoryRows({ store }: ReconcilerContext, { bucket }: MetadataConfiguration): LiveRows {
  return async function* (from, until) {
    for await (const record of versionsInRange(store, bucket, from, until)) {
      const described = isDeleteMarker(record) ? 0 : JSON.stringify([record.tags, record.metadata]).length;
      yield { key: record.key, row: inventoryRow(record), bytes: rowBytes + record.key.length + described };
    }
  };
}

/** Texts are read as the role that the configuration names, where it names one. */
export function annotationRows(context: ReconcilerContext, configuration: MetadataConfiguration): LiveRows {
  const { store } = context;
  return async function* (from, until) {
    const aws = await readerOf(context, configuration);
    for await (const record of versionsInRange(store, configuration.bucket, from, until)) {
      if (isDeleteMarker(record) || !record.annotations) continue;
      const set = record.annotations.id;
      for (const annotation of await store.read((tx) => annotationsOf(tx, set))) {
        const text = await textOf(aws, record, annotation);
        if (text === undefined) continue;
        yield { key: record.key, row: annotationRow(record, annotation, text), bytes: rowBytes + record.key.length + annotation.size };
      }
    }
  };
}

/** Rejects with AccessDenied where the role does not let S3 in. */
async function readerOf(context: ReconcilerContext, configuration: MetadataConfiguration): Promise<Aws> {
  const { account, region, bucket, annotation } = configuration;
  if (annotation?.role === undefined) return asKeeper(context, configuration);
  const session = `s3-metadata-${bucket}`;
  const aws = await asServiceRole(context, { roleArn: annotation.role, service: keeperName, account, region, session });
  if (!aws) throw accessDenied();
  return aws;
}

const gone: ReadonlySet<string> = new Set(['NoSuchKey', 'NoSuchVersion', 'NoSuchAnnotation']);

/** Undefined where it went meanwhile. */
async function textOf(aws: Aws, object: ObjectRecord, { name }: Annotation): Promise<string | undefined> {
  const { bucket: Bucket, key: Key } = object;
  try {
    // The null version of a bucket without versioning is not asked for by its id.
    const VersionId = object.version === undefined && object.place === undefined ? undefined : versionIdOf(object);
    const { AnnotationPayload: payload } = await aws.s3('GetObjectAnnotation', { Bucket, Key, VersionId, AnnotationName: name });
    if (payload instanceof Uint8Array) return Buffer.from(payload).toString();
    return Buffer.concat(await Array.fromAsync(payload as Readable)).toString();
  } catch (error) {
    if (error instanceof AwsError && gone.has(error.code)) return undefined;
    throw error;
  }
}
