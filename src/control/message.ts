/** JSON in and out of the control API. */

import type { HttpRequest, HttpResponse } from '../framework/http-message.ts';

/** Why a control request was refused; thrown as plain data and answered as JSON. */
export type ControlError = { status: number; code: string; message: string };

const bodyBytesMax = 64 * 1024;

export function answer(status: number, value: unknown): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
    body: `${JSON.stringify(value)}\n`,
  };
}

export function refuse({ status, code, message }: ControlError): HttpResponse {
  return answer(status, { code, message });
}

/** The request's body as an object; an empty body is an empty object. */
export async function readJson(request: HttpRequest): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw badRequest(`the body is longer than ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  if (bytes === 0) return {};
  const value = parse(Buffer.concat(chunks).toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest('the body must be a JSON object');
  return value as Record<string, unknown>;
}

export function badRequest(message: string): ControlError {
  return { status: 400, code: 'BadRequest', message };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body is not JSON: ${(error as Error).message}`);
  }
}
