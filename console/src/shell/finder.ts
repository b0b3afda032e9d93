/** How the search over everything asks a service: list calls of the public API, page by page, as whoever is signed in. */

import type { Language } from '../language/catalogue.ts';

export type Found = {
  id: string;
  /** What people call it, where that is another thing. */
  name?: string | undefined;
  arn?: string | undefined;
  tags?: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined;
  /** Its place in the console. */
  to: readonly string[];
};

export type Finder = {
  id: string;
  kind: Readonly<Record<Language, string>>;
  /** Page after page; who asks may stop at any. */
  pages(signal: AbortSignal): AsyncIterable<readonly Found[]>;
};

/** Pages of a list call that takes the token of the page before. */
export async function* paged<Output>(
  ask: (token: string | undefined) => Promise<Output>,
  tokenOf: (output: Output) => string | undefined,
  foundIn: (output: Output) => readonly Found[],
): AsyncGenerator<readonly Found[]> {
  let token: string | undefined;
  do {
    const output = await ask(token);
    yield foundIn(output);
    token = tokenOf(output);
  } while (token !== undefined && token !== '');
}

/** True where every word is somewhere in it; of an ARN its last part is enough. */
export function matches({ id, name, arn, tags }: Found, wanted: string): boolean {
  const text = [id, name, arn, ...(tags ?? []).flatMap(({ Key, Value }) => [Key, Value, `${Key}=${Value}`])].join('\n').toLowerCase();
  const asked = wanted.trim().toLowerCase();
  if (asked.startsWith('arn:')) return text.includes(asked) || id.toLowerCase() === asked.split(/[/:]/).at(-1);
  return asked.split(/\s+/).every((word) => text.includes(word));
}

/** The tag that matched, to be shown beside the name. */
export function matchingTag({ tags }: Found, wanted: string): string | undefined {
  const words = wanted.trim().toLowerCase().split(/\s+/);
  const found = tags?.find(({ Key, Value }) => Key !== 'Name' && words.some((word) => `${Key}=${Value}`.toLowerCase().includes(word)));
  return found && `${found.Key}=${found.Value}`;
}
