/** The two traces that every call leaves: an audit event in CloudTrail's form, and a usage record. */

import { AwsError } from '../framework/aws-error.ts';
import type { AuditEvent } from '../framework/audit.ts';
import type { Principal, Session } from '../framework/principal.ts';
import type { ServiceRequest } from '../framework/request.ts';
import type { ServiceDefinition } from '../framework/service.ts';
import type { OperationModel } from '../protocols/model.ts';
import type { ModelSummary } from '../protocols/models.ts';
import { redact } from '../protocols/sensitive.ts';
import type { CheckOutcome } from './authorize.ts';
import type { GatewayParts } from './parts.ts';
import { isoSeconds } from './signature-errors.ts';

export type Traced = Pick<
  ServiceRequest,
  'service' | 'operation' | 'account' | 'region' | 'principal' | 'requestId' | 'now' | 'sourceIp' | 'userAgent' | 'accessKeyId'
>;

export type Recorded = {
  request: Traced;
  definition: ServiceDefinition | undefined;
  summary: ModelSummary;
  operation: OperationModel | undefined;
  operationName: string;
  input: unknown;
  output: unknown;
  error: unknown;
  outcomes: readonly CheckOutcome[];
  /** The service that called, where one did. */
  via?: string;
};

/**
 * Never throws: a call that was answered must not fail because of its trace. `isOver` says that nobody has input and output in hands any
 * more, who could change them before the event is made.
 */
export function record(parts: GatewayParts, recorded: Recorded, isOver: boolean): void {
  const { request } = recorded;
  const account = request.account === 'anonymous' ? accountOfOwner(recorded.outcomes) : request.account;
  const make = (): AuditEvent | undefined => madeEvent(parts, recorded, account);
  if (isOver) parts.audit.appendLater(make);
  else {
    const event = make();
    if (event) parts.audit.append(event);
  }
  parts.meter.record({
    account,
    region: request.region,
    service: request.service,
    operation: request.operation,
    usageType: 'Requests',
    unit: 'Requests',
    quantity: 1,
    ...callUsage(recorded),
    at: request.now,
  });
}

/** A call that was refused is the caller's own. */
function callUsage({ definition, outcomes, error }: Recorded): { account?: string; resource?: string } | undefined {
  const check = error === undefined ? outcomes[0]?.check : undefined;
  return check && definition?.callUsage?.(check);
}

function madeEvent(parts: GatewayParts, recorded: Recorded, account: string): AuditEvent | undefined {
  try {
    return auditEvent(parts, recorded, account);
  } catch (error) {
    parts.log(
      `The trace of request ${recorded.request.requestId} was lost: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return undefined;
  }
}

/** An anonymous call is told to the account that owns what was asked for. */
function accountOfOwner(outcomes: readonly CheckOutcome[]): string {
  return outcomes[0]?.check.resourceAccount ?? 'anonymous';
}

function auditEvent(parts: GatewayParts, recorded: Recorded, account: string): AuditEvent {
  const { request, summary, operation, operationName, outcomes, error } = recorded;
  const readOnly = isReadOnly(operationName);
  const dataEvent = recorded.definition?.dataEvents?.includes(operationName as never) ?? false;
  return {
    eventVersion: '1.11',
    userIdentity: userIdentity(request.principal, request.accessKeyId, recorded.via),
    eventTime: isoSeconds(request.now),
    eventSource: `${summary.endpointPrefix}.amazonaws.com`,
    eventName: operationName,
    awsRegion: request.region,
    sourceIPAddress: request.sourceIp,
    userAgent: request.userAgent,
    ...(error !== undefined && errorFields(error)),
    requestParameters: operation && recorded.input !== undefined ? redact(operation.input, recorded.input) : null,
    responseElements:
      !readOnly && !dataEvent && operation && error === undefined && recorded.output ? redact(operation.output, recorded.output) : null,
    requestID: request.requestId,
    eventID: parts.random.uuid(),
    readOnly,
    managementEvent: !dataEvent,
    recipientAccountId: account,
    ...resourcesOf(outcomes, account),
    decision: outcomes.map(({ check, decision, explanation }) => ({
      action: check.action,
      resource: check.resource,
      ...(check.resourceAccount && { resourceAccount: check.resourceAccount }),
      ...(check.context && { context: check.context }),
      ...decision,
      ...(explanation && { explanation }),
    })),
  };
}

function errorFields(error: unknown): Pick<AuditEvent, 'errorCode' | 'errorMessage'> {
  return error instanceof AwsError
    ? { errorCode: error.code, errorMessage: error.message }
    : { errorCode: 'InternalFailure', errorMessage: 'An unknown error occurred' };
}

function resourcesOf(outcomes: readonly CheckOutcome[], account: string): Pick<AuditEvent, 'resources'> {
  const resources: { ARN: string; accountId: string }[] = [];
  for (const { check } of outcomes) {
    const ARN = check.resource;
    if (ARN.startsWith('arn:') && !ARN.includes('*') && !resources.some((other) => other.ARN === ARN))
      resources.push({ ARN, accountId: check.resourceAccount ?? account });
  }
  return resources.length === 0 ? {} : { resources };
}

const readOnlyNames = new Map<string, boolean>();

/** As CloudTrail sorts them, by the verb. Operation names are finite: they come from the models. */
function isReadOnly(operation: string): boolean {
  let known = readOnlyNames.get(operation);
  if (known === undefined) {
    known =
      /^(?:BatchGet|Check|Count|Decode|Describe|Detect|Estimate|Export|Filter|Get|Head|List|Lookup|Preview|Query|Read|Receive|Resolve|Scan|Search|Select|Simulate|Test|Validate|Verify|View)/.test(
        operation,
      );
    readOnlyNames.set(operation, known);
  }
  return known;
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
function userIdentity(principal: Principal, accessKeyId: string | undefined, via: string | undefined): Record<string, unknown> {
  const who = {
    principalId: principal.id,
    arn: principal.arn,
    accountId: principal.account,
    ...(accessKeyId !== undefined && { accessKeyId }),
  };
  switch (principal.type) {
    case 'Root':
      return { type: 'Root', ...who, ...(via && { invokedBy: via }) };
    case 'User':
      return {
        type: 'IAMUser',
        ...who,
        userName: principal.name,
        ...(principal.session && { sessionContext: sessionContext(principal.session) }),
        ...(via && { invokedBy: via }),
      };
    case 'AssumedRole': {
      const sessionIssuer = {
        type: 'Role',
        principalId: principal.id.split(':', 1)[0],
        arn: principal.roleArn,
        accountId: principal.account,
        userName: principal.roleName,
      };
      return {
        type: 'AssumedRole',
        ...who,
        sessionContext: { sessionIssuer, ...sessionContext(principal.session) },
        ...(via && { invokedBy: via }),
      };
    }
    case 'FederatedUser':
      return {
        type: 'FederatedUser',
        ...who,
        sessionContext: {
          sessionIssuer: { type: 'IAMUser', arn: principal.issuerArn, accountId: principal.account },
          ...sessionContext(principal.session),
        },
      };
    case 'Service':
      return { type: 'AWSService', invokedBy: principal.name };
    case 'Anonymous':
      return { type: 'AWSAccount', principalId: '', accountId: 'anonymous' };
  }
}

function sessionContext(session: Session): Record<string, unknown> {
  return {
    attributes: { creationDate: isoSeconds(session.issuedAt), mfaAuthenticated: String(session.mfaAuthenticated ?? false) },
    ...(session.sourceIdentity && { sourceIdentity: session.sourceIdentity }),
  };
}
