/** Expecting an error of AWS by its code, status and words. */

import assert from 'node:assert/strict';

/** The answer to a HEAD has no body, hence no code. */
type Expected = { code?: string; status?: number; message?: string | RegExp };

/** Resolves with the error when the call was refused as expected. */
export async function refused(call: Promise<unknown>, expected: Expected | string): Promise<Record<string, any>> {
  const { code, status, message } = typeof expected === 'string' ? { code: expected } : expected;
  try {
    await call;
  } catch (error) {
    const found = error as Error & { $metadata?: { httpStatusCode?: number } };
    if (code !== undefined) assert.equal(found.name, code, found.stack ?? found.message);
    if (status !== undefined) assert.equal(found.$metadata?.httpStatusCode, status);
    if (message instanceof RegExp) assert.match(found.message, message);
    else if (message !== undefined) assert.equal(found.message, message);
    return found as unknown as Record<string, any>;
  }
  assert.fail(`${code ?? status} was expected, but the call succeeded`);
}
