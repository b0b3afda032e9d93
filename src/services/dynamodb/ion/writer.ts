/** Items as Ion text, as exports write them: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html#S3DataExport.Output_Data */

/** A value as rows hold it: bytes are base64. */
export type PlainValue = Readonly<Record<string, unknown>>;

export const ionStruct = (fields: readonly (readonly [name: string, ion: string])[]): string =>
  `{${fields.map(([name, ion]) => `${symbol(name)}:${ion}`).join(',')}}`;

export const ionItem = (item: Readonly<Record<string, PlainValue>>): string =>
  ionStruct(Object.entries(item).map(([name, value]) => [name, ionValue(value)]));

const plainSymbol = /^[A-Za-z_$][A-Za-z0-9_$]*$/;
/** Words of Ion, and names that would be taken for numbers of its symbol table. */
const taken = /^(?:null|true|false|nan|\$\d+|\$ion_\d+_\d+)$/;

function symbol(name: string): string {
  if (plainSymbol.test(name) && !taken.test(name)) return name;
  return `'${JSON.stringify(name).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A number is a decimal of Ion, whose exponent is a `d`. */
export function ionNumber(text: string): string {
  const number = text.replace(/[eE]\+?/, 'd');
  return number.includes('.') || number.includes('d') ? number : `${number}.`;
}

const list = (values: readonly string[]): string => `[${values.join(',')}]`;
const blob = (base64: string): string => `{{${base64}}}`;

function ionValue(value: PlainValue): string {
  const [[type, held]] = Object.entries(value) as [[string, unknown]];
  switch (type) {
    case 'S':
      return JSON.stringify(held);
    case 'N':
      return ionNumber(held as string);
    case 'B':
      return blob(held as string);
    case 'BOOL':
      return String(held);
    case 'NULL':
      return 'null';
    case 'L':
      return list((held as PlainValue[]).map(ionValue));
    case 'M':
      return ionItem(held as Record<string, PlainValue>);
    case 'SS':
      return `$dynamodb_SS::${list((held as string[]).map((text) => JSON.stringify(text)))}`;
    case 'NS':
      return `$dynamodb_NS::${list((held as string[]).map(ionNumber))}`;
    default:
      return `$dynamodb_BS::${list((held as string[]).map(blob))}`;
  }
}
