/** Annotations that a copy takes along: https://docs.aws.amazon.com/AmazonS3/latest/userguide/annotations-overview.html#annotations-copy-behavior */

import type { Check } from '../../../framework/authorization.ts';
import { newDataKey, rewrap } from '../../../framework/blob-encryption/data-keys.ts';
import { encryptor, type BlobKey } from '../../../framework/blob-encryption/frames.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Staged } from '../../../store/blob-store.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import type { Found } from '../buckets/lookup.ts';
import { algorithms } from '../checksums/algorithms.ts';
import { namedAlgorithm } from '../checksums/digests.ts';
import { hasLayersOf, keysOf } from '../encryption/kms-keys.ts';
import { wrappingKey, type Protection } from '../encryption/wanted.ts';
import { annotationUnderCustomerKey, invalidArgument, operationAborted } from '../errors.ts';
import { open } from '../objects/contents.ts';
import { checkOn, objectContext } from '../permissions.ts';
import type { Checksum, ChecksumAlgorithm, ObjectRecord } from '../tables.ts';
import { annotationsOf } from './bytes.ts';
import { annotations, type Annotation } from './tables.ts';

type CopyInput = { Key: string; AnnotationDirective?: string | undefined; ChecksumAlgorithm?: string | undefined };

/** An annotation that gets a checksum of another kind: that takes its bytes through the hash, and so into a blob of its own. */
type Remade = { staged: Staged; dataKey: string; checksum: Checksum };

/** What is made ready before the transaction that writes the copy. To be given back with `discardCopies` where that does not come to be. */
export type Copies = {
  /** The set's id, at the copy. */
  id: string;
  /** What wraps the keys of the blobs, at both ends, and how the source was encrypted; absent where it has no annotations. */
  keys?: { from: BlobKey; to: BlobKey; of: string };
  algorithm?: ChecksumAlgorithm;
  /** By the id of the source's blob. */
  remade: Map<string, Remade>;
};

/** Throws InvalidArgument for what is no directive. */
export function takesAnnotations({ AnnotationDirective: directive }: CopyInput): boolean {
  if (directive === undefined || directive === 'COPY') return true;
  if (directive === 'EXCLUDE') return false;
  throw invalidArgument('Unknown annotation directive.', 'x-amz-object-annotation-directive', directive);
}

/** To read the source's annotations and to write the copy's, where there are any to be copied. */
export function annotationChecks(request: ServiceRequest, input: CopyInput, source: Found, target: Found): Check[] {
  if (!source.object?.annotations || !takesAnnotations(input)) return [];
  const action = source.version === undefined ? 's3:GetObjectAnnotation' : 's3:GetObjectVersionAnnotation';
  return [
    checkOn(request, source, action, source.key, () => objectContext(source, source.version)),
    checkOn(request, target, 's3:PutObjectAnnotation', input.Key),
  ];
}

/** Undefined where the copy is to have none. Throws InvalidRequest where they would come under a customer's key. */
export async function readyCopies(
  request: ServiceRequest,
  input: CopyInput,
  source: ObjectRecord,
  { wrapping: to, encryption }: Protection,
): Promise<Copies | undefined> {
  if (!takesAnnotations(input)) return undefined;
  const id = request.random.uuid();
  if (!source.annotations) return { id, remade: new Map() };
  if (encryption?.mode === 'customer') throw annotationUnderCustomerKey();
  const from = await wrappingKey(request, source, undefined);
  const algorithm = input.ChecksumAlgorithm === undefined ? undefined : namedAlgorithm(input.ChecksumAlgorithm);
  const copies: Copies = { id, keys: { from, to, of: keysOf(source) }, remade: new Map(), ...(algorithm && { algorithm }) };
  const sameLayers = hasLayersOf(to, source.encryption);
  if (!algorithm && sameLayers) return copies;
  const { id: set } = source.annotations;
  const all = await request.store.read((tx) => annotationsOf(tx, set));
  try {
    for (const each of all)
      if (!sameLayers || each.checksum.algorithm !== algorithm)
        copies.remade.set(each.blob.id, await remake(request, each, algorithm ?? each.checksum.algorithm, { from, to }));
  } catch (error) {
    await discardCopies(request, copies);
    throw error;
  }
  return copies;
}

async function remake(
  request: ServiceRequest,
  { blob, dataKey, size }: Annotation,
  algorithm: ChecksumAlgorithm,
  { from, to }: { from: BlobKey; to: BlobKey },
): Promise<Remade> {
  const bytes = await open(request.blobs, [{ blob, dataKey, start: 0, end: size }], from);
  const { hash } = algorithms[algorithm];
  const made = newDataKey(to, request.random);
  const staged = await request.blobs.stage(bytes, { hashes: [hash], through: encryptor(made.key) });
  return { staged, dataKey: made.wrapped, checksum: { algorithm, value: staged.hashes[hash]!.toString('base64') } };
}

/**
 * Writes the copy's annotations and returns its member that names them. Throws OperationAborted, after which a client tries again, where
 * the source's were changed in a way that was not made ready for.
 */
export async function copyAnnotations(
  tx: WriteTransaction,
  request: ServiceRequest,
  source: ObjectRecord | undefined,
  copies: Copies | undefined,
): Promise<Pick<ObjectRecord, 'annotations'>> {
  const { id, keys, algorithm, remade } = copies ?? { remade: new Map<string, Remade>() };
  if (id === undefined) return {};
  if (!source?.annotations && remade.size === 0) return {};
  if (!source?.annotations || !keys || keysOf(source) !== keys.of) throw operationAborted();
  const all = await annotationsOf(tx, source.annotations.id);
  for (const { replication: _state, ...each } of all) {
    const anew = remade.get(each.blob.id);
    if (!anew && ((algorithm && each.checksum.algorithm !== algorithm) || !hasLayersOf(keys.to, source.encryption)))
      throw operationAborted();
    const of = { ...each, set: id, modified: request.now };
    if (anew) await request.blobs.adopt(tx, anew.staged);
    else await request.blobs.share(tx, each.blob);
    await annotations.put(
      tx,
      anew
        ? { ...of, blob: anew.staged.ref, dataKey: anew.dataKey, checksum: anew.checksum }
        : { ...of, dataKey: rewrap(keys.from, each.dataKey, keys.to) },
    );
  }
  if ([...remade.keys()].some((blob) => !all.some((each) => each.blob.id === blob))) throw operationAborted();
  return { annotations: { ...source.annotations, id, since: request.now } };
}

export async function discardCopies({ blobs }: Pick<ServiceRequest, 'blobs'>, copies: Copies | undefined): Promise<void> {
  for (const { staged } of copies?.remade.values() ?? []) await blobs.discard(staged);
}
