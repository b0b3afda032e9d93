/** Records of CSV, with the errors of S3 Select. */

import { CsvFault, newCsvReader, type CsvOptions, type CsvReader } from '../../../framework/csv-reader.ts';
import { selectError } from './errors.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/selecting-content-from-objects.html#selecting-content-from-objects-requirements-and-limits */
export const recordCharactersMax = 1024 * 1024;

/** Throws OverMaxRecordSize and CSVUnescapedQuote. */
export function csvReader(options: CsvOptions): CsvReader {
  const reader = newCsvReader(options, recordCharactersMax);
  const telling = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof CsvFault)) throw error;
      throw selectError(error.what === 'length' ? 'OverMaxRecordSize' : 'CSVUnescapedQuote', error);
    }
  };
  return { push: (text) => telling(() => reader.push(text)), end: () => telling(() => reader.end()) };
}
