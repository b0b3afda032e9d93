/**
 * Managed data identifiers that are told by their pattern:
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-managed-data-identifiers.html
 * AWS tells others by machine learning and by lists of words (names, addresses, driving licences): those are not built.
 */

export type Finding = { name: string; start: number; end: number };

type Identifier = {
  pattern: RegExp;
  /** What the pattern cannot say: check digits, neighbours. */
  holds?: (match: string, text: string, at: number) => boolean;
};

/** Expressions here read a text once: none of them has a repetition inside of a repetition that could match the same in two ways. */
const identifiers: Readonly<Record<string, Identifier>> = {
  EmailAddress: { pattern: /(?<![\w.+-])[A-Za-z0-9][\w.+%-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])/g },
  CreditCardNumber: {
    pattern: /(?<![\d-])(?:\d{12,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{4}([ -])\d{6}\2\d{5})(?!\d|-\d)/g,
    holds: (match) => isCard(match.replaceAll(/\D/g, '')),
  },
  IpAddress: {
    pattern: /(?<![\w.:])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}|[0-9A-Fa-f:]{3,39})(?![\w:]|\.\d)/g,
    holds: (match) => match.includes('.') || isIpv6(match),
  },
  AwsSecretKey: {
    pattern: /(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g,
    holds: near(/aws_secret_access_key|secret[ _-]?access[ _-]?key|secret[ _-]?key|credentials|set-awscredential/i),
  },
  OpenSshPrivateKey: keyBlock('OPENSSH PRIVATE KEY'),
  PgpPrivateKey: keyBlock('PGP PRIVATE KEY BLOCK'),
  PkcsPrivateKey: keyBlock('(?:RSA |EC |DSA |ENCRYPTED )?PRIVATE KEY'),
  PuttyPrivateKey: { pattern: /PuTTY-User-Key-File-[23]: (?:(?!PuTTY-)[^\0]){1,10000}?Private-MAC: [0-9a-f]{40,64}/g },
  'Ssn-US': {
    pattern: /(?<![\d-])(?!000|666|9)\d{3}([- ]?)(?!00)\d\d\1(?!0000)\d{4}(?![\d-])/g,
    holds: (match, text, at) => /\D/.test(match) || near(/ssn|social security|social insurance/i)(match, text, at),
  },
  'PhoneNumber-US': {
    pattern:
      /(?<![\d.+-])(?:\+?1[ .-]?)?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-])[2-9]\d\d[ .-]\d{4}(?![\d-])|(?<![\d+])\+1[2-9]\d\d[2-9]\d{6}(?!\d)/g,
  },
  'PhoneNumber-GB': { pattern: /(?<![\d+])(?:\+44[ -]?(?:\(0\))?|0)[1-9]\d{2,4}[ -]?\d{3}[ -]?\d{3,4}(?!\d)/g },
  'PhoneNumber-FR': { pattern: /(?<![\d+])(?:\+33[ .-]?|0)[1-9](?:[ .-]?\d\d){4}(?!\d)/g },
  'PhoneNumber-DE': { pattern: /(?<![\d+])(?:\+49[ -]?|0)[1-9]\d{1,4}[ /-]?\d{3,4}[ -]?\d{3,5}(?!\d)/g },
  'PhoneNumber-IT': { pattern: /(?<![\d+])(?:\+39[ -]?)?(?:0\d{1,3}|3\d\d)[ -]?\d{3}[ -]?\d{3,4}(?!\d)/g },
  'PhoneNumber-ES': { pattern: /(?<![\d+])(?:\+34[ -]?)?[6789]\d{2}[ -]?\d{3}[ -]?\d{3}(?!\d)/g },
  'PhoneNumber-BR': { pattern: /(?<![\d+])(?:\+55[ -]?)?\(?[1-9]\d\)?[ -]?9?\d{4}-?\d{4}(?!\d)/g },
  ...Object.fromEntries(
    Object.entries({ DE: 22, ES: 24, FR: 27, GB: 22, IT: 27 }).map(([country, length]) => [
      `BankAccountNumber-${country}`,
      {
        pattern: new RegExp(`(?<![A-Za-z0-9])${country}\\d\\d(?: ?[A-Z0-9]){${length - 4}}(?![A-Za-z0-9])`, 'g'),
        holds: (match: string) => isIban(match.replaceAll(' ', '')),
      },
    ]),
  ),
  VehicleIdentificationNumber: {
    pattern: /(?<![A-Za-z0-9])[A-HJ-NPR-Z0-9]{17}(?![A-Za-z0-9])/g,
    holds: isVehicle,
  },
  LatLong: { pattern: /(?<![\d.])-?(?:90(?:\.0+)?|[1-8]?\d\.\d{3,10}), ?-?(?:180(?:\.0+)?|(?:1[0-7]\d|\d?\d)\.\d{3,10})(?!\d|\.\d)/g },
};

function keyBlock(title: string): Identifier {
  return { pattern: new RegExp(`-----BEGIN ${title}-----(?:[^-]|-(?!----)){16,20000}-----END ${title}-----`, 'g') };
}

/** Some words must stand within thirty characters before. */
function near(words: RegExp): NonNullable<Identifier['holds']> {
  return (_match, text, at) => words.test(text.slice(Math.max(0, at - 50), at));
}

/** By the first digits of the issuers, the length that they use, and Luhn's check digit. */
function isCard(digits: string): boolean {
  const issued =
    /^(?:4\d{12}(?:\d{3}(?:\d{3})?)?|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35\d{14}|62\d{14,17})$/;
  if (!issued.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]) * (i % 2 === 1 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  return (
    groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group)) &&
    (halves.length === 2 ? groups.length < 8 && groups.length > 0 : groups.length === 8)
  );
}

/** ISO 13616: the first four characters move to the end, letters become numbers, and the remainder of 97 is 1. */
function isIban(text: string): boolean {
  const digits = (text.slice(4) + text.slice(0, 4)).replaceAll(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return BigInt(digits) % 97n === 1n;
}

/** ISO 3779 as it is used in North America: the ninth character is a check digit. */
function isVehicle(text: string): boolean {
  const weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
  const rows = ['ABCDEFGH', 'JKLMN P R', ' STUVWXYZ'];
  const valueOf = (one: string): number => (/\d/.test(one) ? Number(one) : Math.max(...rows.map((row) => row.indexOf(one))) + 1);
  const remainder = [...text].reduce((sum, one, i) => sum + valueOf(one) * weights[i]!, 0) % 11;
  return text[8] === (remainder === 10 ? 'X' : String(remainder)) && /\D/.test(text) && /\d/.test(text);
}

export const isIdentifier = (name: string): boolean => Object.hasOwn(identifiers, name);

/** What some identifiers find in a text, in its order; where two findings overlap, both are there. */
export function findSensitive(text: string, names: readonly string[]): Finding[] {
  const found: Finding[] = [];
  for (const name of names) {
    const { pattern, holds } = identifiers[name]!;
    for (const match of text.matchAll(pattern))
      if (holds?.(match[0], text, match.index) ?? true) found.push({ name, start: match.index, end: match.index + match[0].length });
  }
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}
