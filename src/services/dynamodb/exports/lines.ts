/** One line of an export's data for each item: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html */

import { ionItem, ionNumber, ionStruct } from '../ion/writer.ts';
import type { Row } from '../storage/rows.ts';
import type { Change } from './changes.ts';
import type { Export } from './export.ts';

type PlainItem = Parameters<typeof ionItem>[0];

export function lineOf({ format, window }: Export, { json }: Row): string {
  if (!window) return format === 'ION' ? ionLine([['Item', ionItem(JSON.parse(json) as PlainItem)]]) : `{"Item":${json}}\n`;
  const { keys, old, new: after, at } = JSON.parse(json) as Change;
  const images = { Keys: keys, ...(old && window.view === 'NEW_AND_OLD_IMAGES' && { OldImage: old }), ...(after && { NewImage: after }) };
  const microseconds = String(at * 1000);
  if (format !== 'ION') return `${JSON.stringify({ Metadata: { WriteTimestampMicros: { N: microseconds } }, ...images })}\n`;
  const shown = Object.entries(images).map(([name, item]) => [name, ionItem(item as PlainItem)] as const);
  return ionLine([['Metadata', ionStruct([['WriteTimestampMicros', ionNumber(microseconds)]])], ...shown]);
}

const ionLine = (fields: Parameters<typeof ionStruct>[0]): string => `$ion_1_0 ${ionStruct(fields)}\n`;
