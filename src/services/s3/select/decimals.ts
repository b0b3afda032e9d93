/** Exact decimal numbers: sums of prices are to come out as they do on paper. */

export type Decimal = {
  readonly kind: 'decimal';
  readonly digits: bigint;
  /** How many of the digits lie behind the point. */ readonly scale: number;
};

/** AWS's DECIMAL has 38 digits: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-data-types.html */
const scaleMax = 38;

/** Of a text such as `-12.50`. */
export function decimalOf(text: string): Decimal {
  const [whole = '', fraction = ''] = text.replace(/^\+/, '').split('.');
  const kept = fraction.slice(0, scaleMax);
  return { kind: 'decimal', digits: BigInt(whole === '' || whole === '-' ? `${whole}0${kept}` : whole + kept), scale: kept.length };
}

export function asDecimal(value: bigint | Decimal): Decimal {
  return typeof value === 'bigint' ? { kind: 'decimal', digits: value, scale: 0 } : value;
}

export function decimalText({ digits, scale }: Decimal): string {
  const negative = digits < 0n;
  const text = (negative ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  return `${negative ? '-' : ''}${whole}${scale === 0 ? '' : `.${text.slice(text.length - scale)}`}`;
}

/** The digits as they are at another scale; what does not fit is cut off. */
export function toScale({ digits, scale }: Decimal, wanted: number): bigint {
  return wanted >= scale ? digits * 10n ** BigInt(wanted - scale) : digits / 10n ** BigInt(scale - wanted);
}

/** The remainder and the quotient are of numbers that are not zero. */
export function calculate(operator: '+' | '-' | '*' | '/' | '%', a: Decimal, b: Decimal): Decimal {
  if (operator === '*') return trimmed({ kind: 'decimal', digits: a.digits * b.digits, scale: a.scale + b.scale }, a.scale + b.scale);
  if (operator === '/') return quotient(a, b);
  const scale = Math.max(a.scale, b.scale);
  const [left, right] = [toScale(a, scale), toScale(b, scale)];
  const digits = operator === '+' ? left + right : operator === '-' ? left - right : left % right;
  return { kind: 'decimal', digits, scale };
}

const quotientDigits = 20;

/** Without needless zeros at the end. */
function quotient(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(quotientDigits, a.scale, b.scale);
  const exact = { kind: 'decimal' as const, digits: (toScale(a, scale) * 10n ** BigInt(scale)) / toScale(b, scale), scale };
  return trimmed(exact, 0);
}

function trimmed({ digits, scale }: Decimal, scaleMin: number): Decimal {
  let [left, at] = [digits, scale];
  for (; at > scaleMax; at--) left /= 10n;
  for (; at > scaleMin && left % 10n === 0n; at--) left /= 10n;
  return { kind: 'decimal', digits: left, scale: at };
}
