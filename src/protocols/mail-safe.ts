/**
 * Text in headers that hold ASCII only, as encoded words of RFC 2047: so S3 tells user metadata that is not ASCII, and so it may be sent.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */

const ENCODED_CHARACTERS_MAX = 75 - '=?UTF-8?Q??='.length;

const encodedWord = /=\?([A-Za-z0-9_-]{1,20})\?([BbQq])\?([\x21-\x3e\x40-\x7e]*)\?=/g;
const charsets: Readonly<Record<string, BufferEncoding>> = {
  'utf-8': 'utf8',
  utf8: 'utf8',
  'us-ascii': 'latin1',
  'iso-8859-1': 'latin1',
};

/**
 * ASCII stays as it is; other text becomes encoded words, whose form and length follow the mail library that S3 uses. AWS reads
 * UTF-8 that was sent as such byte by byte and so gives back something else than it was given; here the text itself comes back.
 */
export function mailSafe(text: string): string {
  if (/^[\t\x20-\x7e]*$/.test(text)) return text;
  let ascii = 0;
  // The library's ASCII: without control characters.
  for (let at = 0; at < text.length; at++) if (/[\t\n\r\x20-\x7e]/.test(text[at]!)) ascii++;
  const words: string[] = [];
  encodeInto(words, text, ascii > text.length - ascii ? 'Q' : 'B');
  return words.join(' ');
}

/** Halves what is too long for one word, never within a character. */
function encodeInto(words: string[], text: string, form: 'B' | 'Q'): void {
  const bytes = Buffer.from(text, 'utf8');
  const encoded = form === 'B' ? bytes.toString('base64') : quotedPrintable(bytes);
  let half = text.length >> 1;
  if (half > 0 && /[\ud800-\udbff]/.test(text[half - 1]!)) half--;
  if (encoded.length <= ENCODED_CHARACTERS_MAX || half === 0) return void words.push(`=?UTF-8?${form}?${encoded}?=`);
  encodeInto(words, text.slice(0, half), form);
  encodeInto(words, text.slice(half), form);
}

function quotedPrintable(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[^\x20-\x7e]|[=_?]/g, (byte) => `=${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
    .replaceAll(' ', '_');
}

/** Undoes encoded words, and the white space between two of them. What is none, or in another character set, stays. */
export function fromMailSafe(text: string): string {
  if (!text.includes('=?')) return text;
  return text.replace(/(\?=)\s+(?==\?)/g, '$1').replace(encodedWord, (word, charset: string, form: string, encoded: string) => {
    const name = charset.toLowerCase();
    const encoding = Object.hasOwn(charsets, name) ? charsets[name] : undefined;
    if (encoding === undefined) return word;
    const bytes =
      form.toUpperCase() === 'B'
        ? Buffer.from(encoded, 'base64')
        : Buffer.from(
            encoded
              .replaceAll('_', ' ')
              .replace(/=([0-9A-Fa-f]{2})/g, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
            'latin1',
          );
    return bytes.toString(encoding);
  });
}
