/** ImportTable, DescribeImport, ListImports. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { addFault, checkEnum, checkLength, checkName, checkRange, refuseFaults, type Faults } from '../constraints.ts';
import { tableExists, validationException } from '../errors.ts';
import type { Input, Operation } from '../sdk.ts';
import { newTable } from '../tables/create.ts';
import { checkDefinition } from '../tables/definition.ts';
import { newTableKey, wantedKey } from '../tables/encryption.ts';
import { placeOf } from '../tables/lookup.ts';
import type { TableRecord } from '../tables/table.ts';
import { fillingLater } from '../vectors/updates.ts';
import { imports, tableKeys, tables } from '../tables.ts';
import { begunBefore, checkConcurrency, digestOf, newTransferId, transferOfArn } from '../transfers.ts';
import { describeImport, importArn, summarise, type Import } from './import.ts';

type Wish = Input<'ImportTable'>;

const listedMax = 25;
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Validation.html */
const concurrentMax = 50;
const headersMax = 255;
const pageTokenLength = 112;

export const ImportTable: Operation<'ImportTable'> = async (request, input) => {
  checkForm(input);
  const definition = input.TableCreationParameters! as Input<'CreateTable'>;
  checkDefinition(definition);
  const keyId = wantedKey(definition.SSESpecification);
  const { account, region, random, now, principal } = request;
  const plain = fillingLater({ ...newTable(request, definition), importing: true as const, counted: 0 });
  const { S3Bucket, S3BucketOwner, S3KeyPrefix } = input.S3BucketSource!;
  const token = input.ClientToken ?? random.uuid();
  const made: Import = {
    ...{ account, region, tableName: plain.name, tableId: plain.id, caller: principal, token },
    id: newTransferId(request),
    source: {
      S3Bucket: S3Bucket!,
      ...(S3BucketOwner !== undefined && { S3BucketOwner }),
      ...(S3KeyPrefix !== undefined && { S3KeyPrefix }),
    },
    format: input.InputFormat!,
    ...(input.InputFormatOptions && { options: input.InputFormatOptions }),
    compression: input.InputCompressionType ?? 'NONE',
    parameters: input.TableCreationParameters!,
    digest: digestOf(input),
    started: now,
    status: 'IN_PROGRESS',
    ...{ entries: 0, processed: 0, imported: 0, errors: 0, bytes: 0 },
  };
  // Before KMS is asked for a key that would be of no use.
  const before = keyId === undefined ? undefined : await request.store.read((tx) => begunOrRefused(tx, made, now));
  if (before) return { ImportTableDescription: describeImport(before) };
  const encryption = keyId === undefined ? undefined : await newTableKey(request, plain, keyId);
  const table: TableRecord = { ...plain, ...(encryption && { sse: encryption.sse }) };
  const answered = await request.store.write(async (tx) => {
    const same = await begunOrRefused(tx, made, now);
    if (same) return same;
    await tables.put(tx, table);
    if (encryption) await tableKeys.put(tx, encryption.row);
    await imports.put(tx, made);
    return made;
  });
  return { ImportTableDescription: describeImport(answered) };
};

/** The import that the same token began; throws where there is a table of this name, or too many imports run. */
async function begunOrRefused(tx: ReadTransaction, made: Import, now: number): Promise<Import | undefined> {
  const { account, region, tableName } = made;
  const present = (await imports.scan(tx, [account, region])).map(({ row }) => row);
  const same = begunBefore('Import', present, made, now);
  if (same) return same;
  if (await tables.get(tx, account, region, tableName)) throw tableExists(tableName);
  checkConcurrency('Import', present, concurrentMax);
  return undefined;
}

function checkForm(input: Wish): void {
  const faults: Faults = [];
  const { S3BucketSource: source, InputFormatOptions: options } = input;
  checkName(faults, 'tableCreationParameters.tableName', input.TableCreationParameters!.TableName);
  checkLength(faults, 's3BucketSource.s3Bucket', source!.S3Bucket, 1, 255);
  checkLength(faults, 's3BucketSource.s3KeyPrefix', source!.S3KeyPrefix, 0, 1024);
  if (source!.S3BucketOwner !== undefined && !/^\d{12}$/.test(source!.S3BucketOwner))
    addFault(faults, 's3BucketSource.s3BucketOwner', source!.S3BucketOwner, 'Member must satisfy regular expression pattern: [0-9]{12}');
  checkEnum(faults, 'inputFormat', input.InputFormat, ['DYNAMODB_JSON', 'ION', 'CSV']);
  checkEnum(faults, 'inputCompressionType', input.InputCompressionType, ['GZIP', 'ZSTD', 'NONE']);
  const { Delimiter: delimiter, HeaderList: headers } = options?.Csv ?? {};
  if (delimiter !== undefined && !/^[,;:|\t ]$/.test(delimiter))
    addFault(faults, 'inputFormatOptions.csv.delimiter', delimiter, 'Member must satisfy regular expression pattern: [,;:|\\t ]');
  checkLength(faults, 'inputFormatOptions.csv.headerList', headers, 1, headersMax);
  refuseFaults(faults);
  if (options?.Csv && input.InputFormat !== 'CSV')
    throw validationException('InputFormatOptions.Csv is only allowed for the input format CSV');
}

export const DescribeImport: Operation<'DescribeImport'> = async (request, input) => {
  const given = input.ImportArn!;
  const { account, region, id } = transferOfArn('Import', given);
  const made = await request.store.read((tx) => imports.get(tx, account, region, id));
  if (!made || importArn(made) !== given) throw new AwsError('ImportNotFoundException', `Import not found: ${given}`);
  return { ImportTableDescription: describeImport(made) };
};

export const ListImports: Operation<'ListImports'> = async (request, input) => {
  const faults: Faults = [];
  checkRange(faults, 'pageSize', input.PageSize, 1, listedMax);
  refuseFaults(faults);
  const { account, region } = request;
  const name = input.TableArn === undefined ? undefined : placeOf(request, input.TableArn).name;
  const all = await request.store.read((tx) => imports.scan(tx, [account, region]));
  const after = input.NextToken === undefined ? '' : Buffer.from(input.NextToken, 'hex').toString().replaceAll('\0', '');
  const rows = all.map(({ row }) => row).filter(({ id, tableName }) => id > after && (name === undefined || tableName === name));
  const page = rows.slice(0, input.PageSize ?? listedMax);
  const next = rows.length > page.length ? Buffer.from(page.at(-1)!.id).toString('hex').padEnd(pageTokenLength, '0') : undefined;
  return { ImportSummaryList: page.map(summarise), ...(next !== undefined && { NextToken: next }) };
};
