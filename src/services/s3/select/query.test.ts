/** Statements of S3 Select over rows of JSON: what each kind of expression gives. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AwsError } from '../../../framework/aws-error.ts';
import { jsonFormat } from './json-format.ts';
import { resultWriter } from './output.ts';
import { parseSelect } from './parser.ts';
import { newQuery } from './query.ts';
import { parseJson } from './values.ts';

const now = Date.UTC(2024, 1, 29, 12, 30, 15, 250);
const write = resultWriter({ type: 'json', recordDelimiter: '\n' });

function run(statement: string, ...rows: unknown[]): string {
  const select = parseSelect(statement);
  const query = newQuery(select, jsonFormat(select.source), now);
  const results = rows.map((value) => query.take({ value }));
  return [...results, query.finish()]
    .map((result) => (result ? write(result) : ''))
    .join('')
    .trimEnd();
}

/** What an expression is, of a row `{}`, or of the row that is given. */
const value = (expression: string, row: unknown = {}): string => {
  const text = run(`SELECT ${expression} AS v FROM S3Object s`, row);
  return text === '{}' ? 'MISSING' : text.slice('{"v":'.length, -1);
};

function code(statement: string, row: unknown = {}): string {
  try {
    run(statement, row);
  } catch (error) {
    return (error as AwsError).code;
  }
  return 'nothing';
}

test('numbers are exact, and of the type that AWS says', () => {
  const expected: [string, string][] = [
    ['1 + 2 * 3', '7'],
    ['(1 + 2) * 3', '9'],
    ['7 / 2', '3'],
    ['-7 % 3', '-1'],
    ['0.1 + 0.2', '0.3'],
    ['1.0 / 3', '0.33333333333333333333'],
    ['7.5 % 2', '1.5'],
    ['1e2 / 8', '12.5'],
    ["'4' + 1", '5'],
    ['- - 3', '3'],
    ['NULL + 1', 'null'],
    ['CAST(2.9 AS INT)', '2'],
    ["CAST('1.50' AS DECIMAL(5, 2))", '1.50'],
    ["CAST('true' AS BOOL)", 'true'],
    ['CAST(0 AS BOOLEAN)', 'false'],
    ['CAST(1.50 AS STRING)', '"1.50"'],
    ["CAST('12' AS FLOAT) / 5", '2.4'],
  ];
  for (const [expression, result] of expected) assert.equal(value(expression), result, expression);
});

test('conditions know three answers', () => {
  const expected: [string, string][] = [
    ['1 < 2 AND NOT 2 = 3', 'true'],
    ['NULL AND FALSE', 'false'],
    ['NULL OR TRUE', 'true'],
    ['NULL = NULL', 'null'],
    ['NOT NULL', 'null'],
    ['s.gone IS MISSING', 'true'],
    ['s.gone IS NULL', 'true'],
    ['NULL IS MISSING', 'false'],
    ['3 BETWEEN 1 AND 3 AND 4 NOT BETWEEN 1 AND 3', 'true'],
    ["'b' IN ('a', 'b')", 'true'],
    ['2 NOT IN (1, 3)', 'true'],
    ['2 IN (1, NULL)', 'null'],
    ["'10' > 9", 'true'],
    ["'abc' = 3", 'false'],
    ["'a' < 'b'", 'true'],
    ['1.0 = 1 AND 1e0 = 1', 'true'],
    ["CASE WHEN 1 > 2 THEN 'a' WHEN 2 > 1 THEN 'b' ELSE 'c' END", '"b"'],
    ["CASE 3 WHEN 1 THEN 'a' END", 'null'],
    ['COALESCE(NULL, s.gone, 4)', '4'],
    ['NULLIF(1, 1)', 'null'],
    ['NULLIF(1, 2)', '1'],
  ];
  for (const [expression, result] of expected) assert.equal(value(expression), result, expression);
});

test('texts are measured, cut and matched by characters', () => {
  const expected: [string, string][] = [
    ["'a' || 'b' || 1", '"ab1"'],
    ["UPPER('ä') || LOWER('B')", '"Äb"'],
    ["CHAR_LENGTH('😀a')", '2'],
    ["SUBSTRING('123456789', 0, 5)", '"1234"'],
    ["SUBSTRING('123456789', 5)", '"56789"'],
    ["SUBSTRING('123456789' FROM 2 FOR 3)", '"234"'],
    ["SUBSTRING('1', 5)", '""'],
    ["TRIM('  x ')", '"x"'],
    ["TRIM(LEADING FROM '  x ')", '"x "'],
    ["TRIM(TRAILING 'x' FROM 'axx')", '"a"'],
    ["TRIM(BOTH '12' FROM '1112211foobar22211122')", '"foobar"'],
    ["'hello' LIKE 'h%l_'", 'true'],
    ["'hello' LIKE '%ell'", 'false'],
    ["'50%' LIKE '50!%' ESCAPE '!'", 'true'],
    ["'it''s'", '"it\'s"'],
  ];
  for (const [expression, result] of expected) assert.equal(value(expression), result, expression);
});

test('moments are added to, taken apart and written', () => {
  const expected: [string, string][] = [
    ["EXTRACT(YEAR FROM TO_TIMESTAMP('2010-01-02T03:04:05-08:00'))", '2010'],
    ["EXTRACT(TIMEZONE_HOUR FROM TO_TIMESTAMP('2010-01-02T03:04:05-08:30'))", '-8'],
    ['DATE_ADD(year, 5, `2010-01-01T`)', '"2015-01-01T"'],
    ['DATE_ADD(month, 1, `2010T`)', '"2010-02T"'],
    ['DATE_ADD(month, 1, `2024-01-31T`)', '"2024-02-29T"'],
    ['DATE_ADD(month, -1, `2010-01-10T`)', '"2009-12-10T"'],
    ['DATE_ADD(hour, 1, `2017T`)', '"2017-01-01T01:00-00:00"'],
    ['DATE_ADD(minute, 1, `2017-01-02T03:04:05.006Z`)', '"2017-01-02T03:05:05.006Z"'],
    ['DATE_DIFF(year, `2010-01-01T`, `2011-01-01T`)', '1'],
    ['DATE_DIFF(year, `2010T`, `2010-05T`)', '0'],
    ['DATE_DIFF(month, `2011T`, `2010T`)', '-12'],
    ['DATE_DIFF(day, `2010-01-01T23:00Z`, `2010-01-02T01:00Z`)', '0'],
    ["TO_STRING(`1969-07-20T20:18:07.5Z`, 'MMMM d, y')", '"July 20, 1969"'],
    ["TO_STRING(`1969-07-20T20:18Z`, 'MMM d, yyyy ''at'' h:mm a')", '"Jul 20, 1969 at 8:18 PM"'],
    ["TO_STRING(`1969-07-20T20:18:07.5+08:00`, 'yy-MM-dd HH:m:ss.SSS xxx xx X')", '"69-07-20 20:18:07.500 +08:00 +0800 +08"'],
    ['UTCNOW()', '"2024-02-29T12:30:15.250Z"'],
    ["CAST('2024-02-29T' AS TIMESTAMP) < UTCNOW()", 'true'],
  ];
  for (const [expression, result] of expected) assert.equal(value(expression), result, expression);
});

test('names are found in either case, and quoted ones only in their own', () => {
  const row = { Name: 'x', name: 'y', Other: { deep: [1, { 'odd key': 2 }] }, big: parseJson('123456789012345678901') };
  assert.equal(value('s.name', row), '"y"');
  assert.equal(value('s."Name"', row), '"x"');
  assert.equal(value('s.other.DEEP[1]."odd key"', row), '2');
  assert.equal(value('s.Other.deep[9]', row), 'MISSING');
  assert.equal(value('s.big', row), '123456789012345678901');
  assert.equal(value('s.big.rawJSON', row), 'MISSING');
  assert.equal(value('_1.Other', row), '{"deep":[1,{"odd key":2}]}');
  assert.equal(code('SELECT s.NAME FROM S3Object s', row), 'AmbiguousFieldName');
  assert.equal(run('SELECT s.Other, s.name x, 1 FROM S3Object s', { Other: 1, name: 2 }), '{"Other":1,"x":2,"_3":1}');
});

test('aggregates see the rows that fit, and none beside columns', () => {
  const rows = [{ a: 1, b: 'x' }, { a: 2.5 }, { a: null }, { a: 10 }];
  assert.equal(
    run('SELECT COUNT(*), COUNT(s.a), SUM(s.a), AVG(s.a), MIN(s.a), MAX(s.a) + 1 FROM S3Object s', ...rows),
    '{"_1":4,"_2":3,"_3":13.5,"_4":4.5,"_5":1,"_6":11}',
  );
  assert.equal(run('SELECT SUM(s.a) AS total FROM S3Object s WHERE s.a > 100', ...rows), '{"total":null}');
  assert.equal(code('SELECT s.b, SUM(s.a) FROM S3Object s'), 'UnsupportedSqlStructure');
  assert.equal(code('SELECT SUM(COUNT(s.a)) FROM S3Object s'), 'UnsupportedSqlStructure');
  assert.equal(code('SELECT * FROM S3Object s WHERE SUM(s.a) > 1'), 'UnsupportedSqlStructure');
});

test('what cannot be computed is told by its code', () => {
  const refused: [string, string][] = [
    ['', 'ParseExpectedKeyword'],
    ['SELECT', 'ParseEmptySelect'],
    ['SELECT FROM S3Object', 'ParseEmptySelect'],
    ['SELECT 1', 'ParseSelectMissingFrom'],
    ['SELECT *, 1 FROM S3Object', 'ParseAsteriskIsNotAloneInSelectList'],
    ['SELECT 1 AS FROM S3Object', 'ParseExpectedIdentForAlias'],
    ['SELECT date FROM S3Object', 'ParseUnexpectedToken'],
    ['SELECT 1 FROM others', 'InvalidTableAlias'],
    ['SELECT 1 FROM S3Object.a', 'InvalidKeyPath'],
    ['SELECT 1 FROM S3Object a, S3Object b', 'ParseMalformedJoin'],
    ['SELECT a FROM S3Object GROUP BY a', 'UnsupportedSqlStructure'],
    ['SELECT DISTINCT a FROM S3Object', 'UnsupportedSqlStructure'],
    ['SELECT 1 FROM S3Object LIMIT -1', 'EvaluatorNegativeLimit'],
    ['SELECT 1 FROM S3Object LIMIT x', 'ParseExpectedNumber'],
    ['SELECT 1 FROM S3Object WHERE a IN (SELECT 1)', 'ParseUnsupportedSelect'],
    ['SELECT (1 FROM S3Object', 'ParseUnexpectedToken'],
    ["SELECT 'open FROM S3Object", 'LexerInvalidChar'],
    ['SELECT CAST(1, INT) FROM S3Object', 'ParseExpectedKeyword'],
    ['SELECT CAST(1 AS BLOB) FROM S3Object', 'InvalidDataType'],
    ["SELECT CAST('1.5' AS INT) FROM S3Object", 'CastFailed'],
    ["SELECT CAST('9223372036854775808' AS INT) FROM S3Object", 'IntegerOverflow'],
    ['SELECT 9223372036854775807 + 1 FROM S3Object', 'IntegerOverflow'],
    ['SELECT 1 / 0 FROM S3Object', 'IllegalSqlFunctionArgument'],
    ["SELECT 'a' * 2 FROM S3Object", 'InvalidDataType'],
    ['SELECT SUM(*) FROM S3Object', 'ParseUnsupportedCallWithStar'],
    ['SELECT SUM(1, 2) FROM S3Object', 'ParseNonUnaryAgregateFunctionCall'],
    ['SELECT EXTRACT(CENTURY FROM a) FROM S3Object', 'ParseExpectedDatePart'],
    ["SELECT TO_TIMESTAMP('yesterday') FROM S3Object", 'ValueParseFailure'],
    ["SELECT TO_STRING(UTCNOW(), 'Q') FROM S3Object", 'EvaluatorInvalidTimestampFormatPatternSymbol'],
    ["SELECT TO_STRING(UTCNOW(), '''x') FROM S3Object", 'EvaluatorUnterminatedTimestampFormatPatternToken'],
    ['SELECT UPPER() FROM S3Object', 'EvaluatorInvalidArguments'],
    ['SELECT UPPER(1) FROM S3Object', 'IncorrectSqlFunctionArgumentType'],
    ["SELECT 'a' LIKE 'x!y' ESCAPE '!' FROM S3Object", 'EvaluatorLikePatternInvalidEscapeSequence'],
    ['SELECT 1 LIKE 2 FROM S3Object', 'LikeInvalidInputs'],
    ['SELECT 1 FROM S3Object WHERE 1', 'InvalidDataType'],
    [`SELECT ${'('.repeat(5000)}1${')'.repeat(5000)} FROM S3Object`, 'UnsupportedSqlStructure'],
    [`SELECT ${'- '.repeat(5000)}1 FROM S3Object`, 'UnsupportedSqlStructure'],
  ];
  for (const [statement, expected] of refused) assert.equal(code(statement), expected, statement.slice(0, 80));
});
