/** What SelectObjectContent answers when it cannot: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#SelectObjectContentErrorCodeList */

import { AwsError } from '../../../framework/aws-error.ts';

const sentences = {
  AmbiguousFieldName: 'Field name matches to multiple fields in the file. Check the SQL expression and the file, and try again.',
  CastFailed: 'Attempt to convert from one data type to another using CAST failed in the SQL expression.',
  CSVParsingError: 'Encountered an error parsing the CSV file. Check the file and try again.',
  CSVUnescapedQuote:
    "An unescaped quote was found while parsing the CSV file. To allow quoted record delimiters, set AllowQuotedRecordDelimiter to 'TRUE'.",
  DataSourcePathUnsupported: 'The data source path in the SQL expression is not supported for this input format.',
  EvaluatorInvalidArguments: 'Incorrect number of arguments in the function call in the SQL expression.',
  EvaluatorInvalidTimestampFormatPatternSymbol: 'Time stamp format pattern contains an invalid symbol in the SQL expression.',
  EvaluatorLikePatternInvalidEscapeSequence: 'An incorrect escape sequence was used in the LIKE pattern of the SQL expression.',
  EvaluatorNegativeLimit: 'LIMIT must not be negative.',
  EvaluatorUnterminatedTimestampFormatPatternToken: 'Time stamp format pattern contains unterminated token in the SQL expression.',
  ExpressionTooLong: 'The SQL expression is too long: The maximum byte-length for the SQL expression is 256 KB.',
  IllegalSqlFunctionArgument: 'Illegal argument was used in the SQL function.',
  IncorrectSqlFunctionArgumentType: 'Incorrect type of arguments in function call in the SQL expression.',
  IntegerOverflow: 'Int overflow or underflow in the SQL expression.',
  InvalidColumnIndex: 'The column index in the SQL expression is invalid. Please check the service documentation and try again.',
  InvalidCompressionFormat: 'The file is not in a supported compression format. Only GZIP and BZIP2 are supported.',
  InvalidDataSource: 'Invalid data source type. Only CSV, JSON, and Parquet are supported.',
  InvalidDataType: 'The SQL expression contains an invalid data type.',
  InvalidExpressionType: 'The ExpressionType is invalid. Only SQL expressions are supported.',
  InvalidFileHeaderInfo: 'The FileHeaderInfo is invalid. Only NONE, USE, and IGNORE are supported.',
  InvalidJsonType: 'The JsonType is invalid. Only DOCUMENT and LINES are supported.',
  InvalidKeyPath: 'Key path in the SQL expression is invalid.',
  InvalidQuoteFields: 'The QuoteFields is invalid. Only ALWAYS and ASNEEDED are supported.',
  InvalidRequestParameter:
    'The value of a parameter in SelectRequest element is invalid. Check the service API documentation and try again.',
  InvalidScanRange: 'The provided scan range is not valid.',
  InvalidTableAlias: 'The SQL expression contains an invalid table alias.',
  InvalidTextEncoding: 'Invalid encoding type. Only UTF-8 encoding is supported.',
  JSONParsingError: 'Encountered an error parsing the JSON file. Check the file and try again.',
  LexerInvalidIONLiteral: 'The SQL expression contains an invalid literal.',
  LexerInvalidLiteral: 'The SQL expression contains an invalid literal.',
  LikeInvalidInputs: 'Invalid argument given to the LIKE clause in the SQL expression.',
  MissingHeaders: 'Some headers in the query are missing from the file. Check the file and try again.',
  MissingRequiredParameter: 'The SelectRequest entity is missing a required parameter. Check the service documentation and try again.',
  ObjectSerializationConflict:
    'The SelectRequest entity can only contain one of CSV or JSON. Check the service documentation and try again.',
  OverMaxParquetBlockSize: 'The Parquet file is above the max row group size.',
  OverMaxRecordSize: 'The character number in one record is more than our max threshold, maxCharsPerRecord: 1,048,576.',
  ParquetParsingError: 'Error parsing Parquet file. Please check the file and try again.',
  ParquetUnsupportedCompressionCodec: 'The specified Parquet compression codec is not supported.',
  ParseAsteriskIsNotAloneInSelectList:
    "Other expressions are not allowed in the SELECT list when '*' is used without dot notation in the SQL expression.",
  ParseCannotMixSqbAndWildcardInSelectList: 'Cannot mix [] and * in the same expression in a SELECT list in SQL expression.',
  ParseCastArity: 'The SQL expression CAST has incorrect arity.',
  ParseEmptySelect: 'The SQL expression contains an empty SELECT.',
  ParseExpectedDatePart: 'Did not find the expected date part in the SQL expression.',
  ParseExpectedExpression: 'Did not find the expected SQL expression.',
  ParseExpectedIdentForAlias: 'Did not find the expected identifier for the alias in the SQL expression.',
  ParseExpectedKeyword: 'Did not find the expected keyword in the SQL expression.',
  ParseExpectedLeftParenAfterCast: 'Did not find the expected left parenthesis in the SQL expression.',
  ParseExpectedLeftParenBuiltinFunctionCall: 'Did not find the expected left parenthesis in the SQL expression.',
  ParseExpectedLeftParenValueConstructor: 'Did not find the expected left parenthesis in the SQL expression.',
  ParseExpectedNumber: 'Did not find the expected number in the SQL expression.',
  ParseExpectedRightParenBuiltinFunctionCall: 'Did not find the expected right parenthesis character in the SQL expression.',
  ParseExpectedTokenType: 'Did not find the expected token in the SQL expression.',
  ParseExpectedTypeName: 'Did not find the expected type name in the SQL expression.',
  ParseExpectedWhenClause: 'Did not find the expected WHEN clause in the SQL expression.',
  ParseInvalidPathComponent: 'The SQL expression contains an invalid path component.',
  ParseInvalidTypeParam: 'The SQL expression contains an invalid parameter value.',
  ParseMalformedJoin: 'JOIN is not supported in the SQL expression.',
  ParseNonUnaryAgregateFunctionCall: 'Only one argument is supported for aggregate functions in the SQL expression.',
  ParseSelectMissingFrom: 'The SQL expression contains a missing FROM after SELECT list.',
  ParseUnsupportedCallWithStar: 'Only COUNT with (*) as a parameter is supported in the SQL expression.',
  ParseUnsupportedSelect: 'The SQL expression contains an unsupported use of SELECT.',
  TruncatedInput: 'Object decompression failed. Check that the object is properly compressed using the format specified in the request.',
  UnsupportedFunction: 'Encountered an unsupported SQL function.',
  UnsupportedScanRangeInput: 'Scan range queries are not supported on this type of object.',
  UnsupportedSqlOperation: 'Encountered an unsupported SQL operation.',
  UnsupportedSqlStructure: 'Encountered an unsupported SQL structure. Check the SQL Reference.',
  UnsupportedSyntax: 'Encountered invalid syntax.',
  ValueParseFailure: 'Time stamp parse failure in the SQL expression.',
} as const;

/** One error of S3 Select by its code. */
export function selectError(code: keyof typeof sentences, cause?: unknown): AwsError {
  return new AwsError(code, sentences[code], { status: 400, ...(cause !== undefined && { cause }) });
}

type Place = { readonly line: number; readonly column: number };

export const invalidCharacter = ({ line, column }: Place) =>
  new AwsError('LexerInvalidChar', `Invalid character at line ${line}, column ${column}.`, { status: 400 });

export const unexpectedToken = (what: string, { line, column }: Place) =>
  new AwsError('ParseUnexpectedToken', `Unexpected token found ${what} at line ${line}, column ${column}.`, { status: 400 });
