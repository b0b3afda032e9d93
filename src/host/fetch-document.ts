/** Reads small documents from the network: keys of identity providers and their kin. */

/**
 * The text behind a URL. Redirects are not followed, so that whoever may name a URL names the place itself.
 * Rejects on any answer but 200, on more bytes than allowed, and when time is up.
 */
export async function fetchDocument(url: string, limits: { milliseconds: number; bytesMax: number }): Promise<string> {
  const response = await fetch(url, {
    redirect: 'error',
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(limits.milliseconds),
  });
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > limits.bytesMax) throw new Error(`${url} answered more than ${limits.bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
