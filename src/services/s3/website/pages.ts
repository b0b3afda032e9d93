/** The pages that a website shows when it has none of its own. */

import { createHash } from 'node:crypto';
import type { AwsError } from '../../../framework/aws-error.ts';
import type { HttpResponse } from '../../../framework/http-message.ts';

const titles: Readonly<Record<number, string>> = {
  301: 'Moved Permanently',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  412: 'Precondition Failed',
  416: 'Requested Range Not Satisfiable',
  500: 'Internal Server Error',
};

/** An error as HTML. `nested` is what happened on the way to the error document. */
export function errorPage(error: AwsError, requestId: string, nested?: AwsError): HttpResponse {
  const status = error.status ?? 400;
  const title = `${status} ${titles[status] ?? 'Error'}`;
  const hostId = hostIdOf(requestId);
  const more = nested ? `<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n${list(facts(nested))}\n` : '';
  const html = `<html>\n<head><title>${title}</title></head>\n<body>\n<h1>${title}</h1>\n${list([...facts(error), ['RequestId', requestId], ['HostId', hostId]])}\n${more}<hr/>\n</body>\n</html>\n`;
  return { status, headers: { 'content-type': 'text/html; charset=utf-8', 'x-amz-id-2': hostId, ...errorHeaders(error) }, body: html };
}

/** The longer of the two ids by which AWS's support finds a request; it says no more than the other one here. */
function hostIdOf(requestId: string): string {
  return `${createHash('sha512').update(requestId).digest('base64').slice(0, 75)}=`;
}

/** The same facts for programs. */
export function errorHeaders(error: AwsError): Record<string, string> {
  const headers: Record<string, string> = { 'x-amz-error-code': error.code, 'x-amz-error-message': error.message };
  for (const [name, value] of Object.entries(error.fields)) headers[`x-amz-error-detail-${name}`] = encodeURI(String(value));
  return headers;
}

function facts(error: AwsError): [string, string][] {
  return [
    ['Code', error.code],
    ['Message', error.message],
    ...Object.entries(error.fields).map(([name, value]): [string, string] => [name, String(value)]),
  ];
}

function list(members: readonly [string, string][]): string {
  return `<ul>\n${members.map(([name, text]) => `<li>${escaped(name)}: ${escaped(text)}</li>`).join('\n')}\n</ul>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}
