/** Columns of a table, as Iceberg and as Parquet name them: https://iceberg.apache.org/spec/#schemas-and-data-types. Pure. */

import type { SchemaElement } from 'hyparquet-writer';
import { elementOf, type Column as ParquetColumn } from '../../../../framework/parquet-file.ts';

/** `timestamp` is without a zone, in microseconds; `texts` is a map from texts to texts. */
export type ColumnType = 'string' | 'long' | 'boolean' | 'timestamp' | 'texts';
export type Column = { name: string; type: ColumnType; required?: true };

/** A value of a row: `timestamp` in milliseconds since the epoch, `texts` as an object. */
export type Value = string | number | boolean | Readonly<Record<string, string>> | undefined;
export type Row = readonly Value[];

/** The ids of columns are their places, from 1; those of the keys and values of maps come after. */
function mapIds(columns: readonly Column[]): Map<Column, number> {
  const maps = columns.filter(({ type }) => type === 'texts');
  return new Map(maps.map((column, i) => [column, columns.length + 1 + 2 * i]));
}

export function lastColumnId(columns: readonly Column[]): number {
  return columns.length + 2 * mapIds(columns).size;
}

export function icebergSchema(columns: readonly Column[]): object {
  const ids = mapIds(columns);
  const typeOf = (column: Column): unknown => {
    const id = ids.get(column);
    if (id === undefined) return column.type;
    return { type: 'map', 'key-id': id, key: 'string', 'value-id': id + 1, value: 'string', 'value-required': false };
  };
  const fields = columns.map((column, i) => ({ id: i + 1, name: column.name, required: column.required ?? false, type: typeOf(column) }));
  return { type: 'struct', 'schema-id': 0, fields };
}

const leaf: Readonly<Record<Exclude<ColumnType, 'texts'>, Omit<SchemaElement, 'name'>>> = {
  string: elementOf.text,
  long: elementOf.long,
  boolean: elementOf.boolean,
  timestamp: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' } },
};

export function parquetColumns(columns: readonly Column[]): ParquetColumn[] {
  const ids = mapIds(columns);
  return columns.map((column, i): ParquetColumn => {
    const own = { name: column.name, field_id: i + 1, repetition_type: column.required ? ('REQUIRED' as const) : ('OPTIONAL' as const) };
    if (column.type !== 'texts') return [{ ...own, ...leaf[column.type] }];
    const id = ids.get(column)!;
    return [
      { ...own, num_children: 1, converted_type: 'MAP' },
      { name: 'key_value', num_children: 2, repetition_type: 'REPEATED' },
      { name: 'key', field_id: id, repetition_type: 'REQUIRED', ...elementOf.text },
      { name: 'value', field_id: id + 1, repetition_type: 'OPTIONAL', ...elementOf.text },
    ];
  });
}

/** A row as it is given to the file. */
export function parquetRow(columns: readonly Column[], row: Row): unknown[] {
  return columns.map(({ type }, i) => {
    const value = row[i];
    if (value === undefined) return null;
    if (type === 'timestamp') return BigInt(value as number) * 1000n;
    return type === 'long' ? BigInt(value as number) : value;
  });
}
