/** StartBulkPutItems, DescribeBulkOperation, ListBulkOperations, CancelBulkOperation. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { addFault, checkEnum, checkLength, checkRange, checkTableName, refuseFaults, type Faults } from '../constraints.ts';
import { limitExceeded, resourceInUse, validationException } from '../errors.ts';
import type { Input, Operation } from '../sdk.ts';
import { newSpace } from '../tables/create.ts';
import { placeOf, requireNamedTable } from '../tables/lookup.ts';
import { bulkOperations } from '../tables.ts';
import { isFilling, type TableRecord } from '../tables/table.ts';
import { digestOf, newTransferId } from '../transfers.ts';
import { bulkArn, bulkOfArn, describeBulk, isRunning, noOperation, type BulkOperation } from './bulk-operation.ts';

type Wish = Input<'StartBulkPutItems'>;

const tokenMilliseconds = 8 * 3_600_000;
const listedMilliseconds = 90 * 86_400_000;
const listedDefault = 10;
const listedMax = 100;
const concurrentMax = 50;
const writeUnitsMin = 1_024;

export const StartBulkPutItems: Operation<'StartBulkPutItems'> = async (request, input) => {
  checkForm(input);
  const { account, region } = request;
  const place = placeOf(request, input.TableName!);
  if (place.account !== account) throw validationException('The table of a bulk operation must belong to the account of the caller');
  const drawn = { token: input.ClientToken ?? request.random.uuid(), id: newTransferId(request), space: newSpace(request.random) };
  const made = await request.store.write(async (tx) => {
    const table = await requireNamedTable(tx, place);
    const present = (await bulkOperations.scan(tx, [account, region])).map(({ row }) => row);
    const same = begunBefore(present, drawn.token, digestOf(input), request.now);
    if (same) return same;
    if (isFilling(table)) throw resourceInUse(`Attempt to change a resource which is still in use: Table is being created: ${table.name}`);
    if (present.filter(isRunning).length >= concurrentMax) throw limitExceeded(`Bulk operations limit exceeded: ${concurrentMax}`);
    const fresh = newOperation(request, table, input, drawn);
    await bulkOperations.put(tx, fresh);
    return fresh;
  });
  return { BulkOperationDescription: describeBulk(made) };
};

/** Throws IdempotentParameterMismatchException for a token that asked for something else. */
function begunBefore(present: readonly BulkOperation[], token: string, digest: string, now: number): BulkOperation | undefined {
  const same = present.find((one) => one.token === token && now - one.started < tokenMilliseconds);
  if (same && same.digest !== digest)
    throw new AwsError(
      'IdempotentParameterMismatchException',
      'A bulk operation with the same client token was asked for with other parameters',
    );
  return same;
}

function newOperation(
  { account, region, principal, now }: ServiceRequest,
  { name, id: tableId }: TableRecord,
  input: Wish,
  drawn: Pick<BulkOperation, 'id' | 'token' | 'space'>,
): BulkOperation {
  return {
    ...{ account, region, ...drawn, digest: digestOf(input), started: now, status: 'IN_PROGRESS' },
    ...{ tableName: name, tableId, caller: principal },
    input: { ...input.InputS3Configuration!, InputCompressionType: input.InputS3Configuration!.InputCompressionType ?? 'NONE' },
    output: input.OutputS3Configuration!,
    tier: input.PerformanceTier ?? 'STANDARD',
    ...(input.MaxWriteRequestUnits !== undefined && { unitsMax: input.MaxWriteRequestUnits }),
    step: { name: 'measure' },
    ...{ entries: 0, readBytes: 0, processed: 0, failed: 0, unmet: 0, files: [] },
    written: { table: 0, local: {}, global: {}, vector: {} },
  };
}

function checkForm(input: Wish): void {
  const faults: Faults = [];
  const { InputS3Configuration: from, OutputS3Configuration: to } = input;
  checkTableName(faults, 'tableName', input.TableName);
  for (const [path, one] of Object.entries({ inputS3Configuration: from!, outputS3Configuration: to! })) {
    checkLength(faults, `${path}.s3Bucket`, one.S3Bucket, 1, 255);
    checkLength(faults, `${path}.s3KeyPrefix`, one.S3KeyPrefix, 0, 1024);
    if (one.S3BucketOwner !== undefined && !/^\d{12}$/.test(one.S3BucketOwner))
      addFault(faults, `${path}.s3BucketOwner`, one.S3BucketOwner, 'Member must satisfy regular expression pattern: [0-9]{12}');
  }
  checkEnum(faults, 'inputS3Configuration.inputFormat', from!.InputFormat, ['DYNAMODB_JSON', 'ION']);
  checkEnum(faults, 'inputS3Configuration.inputCompressionType', from!.InputCompressionType, ['GZIP', 'ZSTD', 'NONE']);
  checkEnum(faults, 'outputS3Configuration.s3SseAlgorithm', to!.S3SseAlgorithm, ['AES256', 'KMS']);
  for (const type of to!.OutputType!) checkEnum(faults, 'outputS3Configuration.outputType', type, ['ERROR', 'CONDITION_CHECK_FAILURE']);
  checkRange(faults, 'maxWriteRequestUnits', input.MaxWriteRequestUnits, writeUnitsMin);
  checkEnum(faults, 'performanceTier', input.PerformanceTier, ['STANDARD', 'ACCELERATED']);
  refuseFaults(faults);
  if (to!.S3Bucket === undefined) throw validationException('OutputS3Configuration must have an S3Bucket');
  if (to!.OutputType!.length === 0) throw validationException('OutputS3Configuration must have an OutputType');
  if (to!.S3SseKmsKeyId !== undefined && to!.S3SseAlgorithm !== 'KMS')
    throw validationException('S3SseKmsKeyId can only be specified when S3SseAlgorithm is KMS');
}

export const DescribeBulkOperation: Operation<'DescribeBulkOperation'> = async (request, input) => ({
  BulkOperationDescription: describeBulk(await request.store.read((tx) => requireOperation(tx, request.region, input.BulkOperationArn!))),
});

async function requireOperation(tx: ReadTransaction, here: string, given: string): Promise<BulkOperation> {
  const { account, region, id } = bulkOfArn(given, here);
  const made = await bulkOperations.get(tx, account, region, id);
  if (!made || bulkArn(made) !== given) throw noOperation(given);
  return made;
}

export const ListBulkOperations: Operation<'ListBulkOperations'> = async (request, input) => {
  const faults: Faults = [];
  checkRange(faults, 'maxResults', input.MaxResults, 1, listedMax);
  refuseFaults(faults);
  const { account, region, now } = request;
  const before = input.NextToken === undefined ? undefined : Buffer.from(input.NextToken, 'base64url').toString();
  const all = await request.store.read((tx) => bulkOperations.scan(tx, [account, region]));
  const rows = all
    .map(({ row }) => row)
    .filter(({ id, started }) => (before === undefined || id < before) && now - started < listedMilliseconds)
    .toReversed();
  const page = rows.slice(0, input.MaxResults ?? listedDefault);
  return {
    BulkOperationsSummaryList: page.map((made) => ({
      BulkOperationArn: bulkArn(made),
      BulkOperationStatus: made.status,
      StartTime: new Date(made.started),
      ...(made.ended !== undefined && { EndTime: new Date(made.ended) }),
    })),
    ...(rows.length > page.length && { NextToken: Buffer.from(page.at(-1)!.id).toString('base64url') }),
  };
};

/** What is written stays. One that is being cancelled already is told so again. */
export const CancelBulkOperation: Operation<'CancelBulkOperation'> = async (request, input) => {
  const given = input.BulkOperationArn!;
  await request.store.write(async (tx) => {
    const made = await requireOperation(tx, request.region, given);
    if (!isRunning(made)) throw validationException(`The bulk operation has ended: ${made.status}`);
    await bulkOperations.put(tx, { ...made, status: 'CANCELLING' });
  });
  return { BulkOperationArn: given, BulkOperationStatus: 'CANCELLING' };
};
