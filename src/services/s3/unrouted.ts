/** Requests that are no operation of the API: browsers' preflights, and visits of websites. */

import type { HttpResponse } from '../../framework/http-message.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { answerPreflight } from './cors/answers.ts';
import { visit } from './website/site.ts';

/** Answers them; undefined for what is an operation after all. */
export async function answerUnrouted(request: ServiceRequest): Promise<HttpResponse | undefined> {
  const { http } = request;
  if (!http) return undefined;
  if (http.method === 'OPTIONS') return answerPreflight(request, http);
  return http.s3?.website ? visit(request, http, http.s3) : undefined;
}
