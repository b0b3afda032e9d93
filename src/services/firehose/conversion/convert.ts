/** Records of JSON become a file of Parquet, by the schema of a table of Glue: https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html */

import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { parquetFile } from '../../../framework/parquet-file.ts';
import { asRole } from '../delivery-streams/role.ts';
import type { Failure } from '../deliveries/partitions.ts';
import type { Conversion, Stream } from '../tables.ts';
import { asObject, hiveType, Malformed, type HiveType } from './hive-types.ts';

/** Records that are read between two rests. */
const recordsAtOnce = 1_000;

type Field = { name: string; key: string; type: HiveType };

/** The file, unless no record could be read, and those that could not. Rejects where there is no schema. */
export async function convert(
  context: ReconcilerContext,
  stream: Stream,
  conversion: Conversion,
  records: readonly Buffer[],
): Promise<{ file: Buffer | undefined; failures: Failure[] }> {
  const fields = await fieldsOf(context, stream, conversion);
  const file = parquetFile(
    fields.map(({ name, type }) => type.elements(name)),
    conversion.compression,
  );
  const failures: Failure[] = [];
  let converted = 0;
  for (const [i, record] of records.entries()) {
    if (i % recordsAtOnce === 0) await context.giveWay();
    try {
      const row = rowOf(fields, conversion, record);
      file.write(row);
      converted++;
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      failures.push({ record, code: 'DataFormatConversion.MalformedData', message: error.message });
    }
  }
  return { file: converted > 0 ? file.end() : undefined, failures };
}

/** The columns as they are now, read as the role that may. */
async function fieldsOf(context: ReconcilerContext, stream: Stream, conversion: Conversion): Promise<Field[]> {
  const { roleArn, database, table, version, region = stream.region, catalog } = conversion;
  const aws = await asRole(context, { ...stream, region }, roleArn);
  const { TableVersion } = await aws.glue('GetTableVersion', {
    ...{ DatabaseName: database, TableName: table },
    ...(version !== 'LATEST' && { VersionId: version }),
    ...(catalog !== undefined && { CatalogId: catalog }),
  });
  const columns = TableVersion?.Table?.StorageDescriptor?.Columns ?? [];
  if (columns.length === 0) throw new Error(`table ${database}.${table} has no columns`);
  const keys = new Map(conversion.keys);
  return columns.map(({ Name: name = '', Type: type = 'string' }) => ({
    name,
    key: (keys.get(name) ?? name).toLowerCase(),
    type: hiveType(type),
  }));
}

/** Throws Malformed. */
function rowOf(fields: readonly Field[], { dots }: Conversion, record: Buffer): unknown[] {
  const given = new Map<string, unknown>();
  for (const [key, value] of Object.entries(asObject(parsed(record)))) {
    const name = key.toLowerCase();
    given.set(dots ? name.replaceAll('.', '_') : name, value);
  }
  return fields.map(({ name, key, type }) => {
    try {
      return type.convert(given.get(key));
    } catch (error) {
      if (error instanceof Malformed) throw new Malformed(`Column ${name}: ${error.message}`);
      throw error;
    }
  });
}

/** Whole numbers that a double cannot hold stay what they are. */
const exact = (_key: string, value: unknown, context: { source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context.source ?? '') ? BigInt(context.source!) : value;

function parsed(record: Buffer): unknown {
  try {
    return JSON.parse(record.toString('utf8'), exact as (key: string, value: unknown) => unknown);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Malformed(`The record is no JSON: ${error.message}`);
    throw error;
  }
}
