/** GET /_haneul/why/REQUEST-ID: how a request was decided. */

import type { AuditEvent } from '../framework/audit.ts';
import type { Check } from '../framework/authorization.ts';
import type { Decision } from '../framework/policy/evaluate.ts';
import type { Explanation } from '../framework/policy/explain.ts';
import type { ControlledCloud } from './controlled-cloud.ts';
import type { ControlError } from './message.ts';

/** One check of a call, as the gateway keeps it in the audit trail; denials carry the whole explanation. */
export type DecidedCheck = Pick<Check, 'action' | 'resource' | 'context'> & Decision & { explanation?: Explanation };

export type WhyAnswer = {
  requestId: string;
  /** ISO 8601, cloud time. */
  time: string;
  /** For example `s3:GetObject` as an API call: service and operation. */
  service: string;
  operation: string;
  region: string;
  caller: { arn: string; type: string; accessKeyId?: string };
  sourceIp: string;
  userAgent: string;
  error?: { code: string; message: string };
  checks: readonly DecidedCheck[];
};

const requestIds = /^[A-Za-z0-9-]{1,128}$/;

export async function explainRequest(cloud: Pick<ControlledCloud, 'audit'>, requestId: string): Promise<WhyAnswer> {
  const event = requestIds.test(requestId) ? await cloud.audit.find(requestId) : undefined;
  if (event) return answerFrom(event);
  throw {
    status: 404,
    code: 'NoSuchRequest',
    message: 'that request is not in the audit trail; its id is in every error and in the header x-amzn-requestid, for S3 x-amz-request-id',
  } satisfies ControlError;
}

function answerFrom(event: AuditEvent): WhyAnswer {
  const { userIdentity: who } = event;
  const arn = typeof who['arn'] === 'string' && who['arn'] !== '' ? who['arn'] : 'anonymous';
  return {
    requestId: event.requestID,
    time: event.eventTime,
    service: event.eventSource.split('.')[0]!,
    operation: event.eventName,
    region: event.awsRegion,
    caller: { arn, type: String(who['type']), ...(typeof who['accessKeyId'] === 'string' && { accessKeyId: who['accessKeyId'] }) },
    sourceIp: event.sourceIPAddress,
    userAgent: event.userAgent,
    ...(event.errorCode !== undefined && { error: { code: event.errorCode, message: event.errorMessage ?? '' } }),
    checks: (event.decision as readonly DecidedCheck[] | undefined) ?? [],
  };
}
