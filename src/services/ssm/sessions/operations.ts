/** Sessions of the Session Manager: who may open a terminal on an instance. https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access.html */

import { createHash } from 'node:crypto';
import { arn } from '../../../framework/arn.ts';
import { AwsError, notImplemented } from '../../../framework/aws-error.ts';
import type { Authorizer } from '../../../framework/authorization.ts';
import { rootUser } from '../../../framework/principal.ts';
import type { Reconciler } from '../../../framework/reconciler.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { doesNotExist, targetNotConnected, validationException } from '../errors.ts';
import { sessionMilliseconds } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import { sessions, type Session } from '../tables.ts';
import { shellDocument, wayOf } from './documents.ts';

export const StartSession: Operation<'StartSession'> = async (request, input) => {
  const { Target: target, DocumentName = shellDocument, Parameters, Reason } = input;
  if (!/^(i|mi)-[0-9a-f]{8,17}$/.test(target)) throw validationException(`${target} is not a valid target.`);
  if (target.startsWith('mi-')) throw notImplemented('ssm:StartSession on managed nodes other than instances of EC2');
  const way = wayOf(DocumentName, Parameters);
  await requireRunning(request, target);
  const token = request.random.bytes(64).toString('base64');
  const { account, region } = request;
  const session: Session = {
    ...{ account, region, target, startedAt: request.now, token: hashOf(token) },
    id: `${callerName(request)}-${request.random.bytes(9).toString('hex').slice(1)}`,
    owner: request.principal.arn,
    ...(Reason !== undefined && { reason: Reason }),
    ...(way && { document: DocumentName, way }),
  };
  await request.store.write((tx) => sessions.put(tx, session));
  const { scheme, host } = request.endpoint;
  const address = `${scheme === 'https' ? 'wss' : 'ws'}://${host}/_aws/ssm/data-channel/${session.id}`;
  return { SessionId: session.id, TokenValue: token, StreamUrl: `${address}?role=publish_subscribe` };
};

/** Whoever holds its terminal sees it close: the channel watches the record. */
export const TerminateSession: Operation<'TerminateSession'> = async (request, { SessionId: id }) => {
  const { account, region } = request;
  await request.store.write(async (tx) => {
    const session = await sessions.get(tx, id);
    if (session?.account !== account || session.region !== region) throw doesNotExist(`Session ${id} does not exist.`);
    if (session.endedAt === undefined) await sessions.put(tx, { ...session, endedAt: request.now });
  });
  return { SessionId: id };
};

/** Who names a document may use that one. AWS's own ones are of no account. */
export const startsOn: Authorizer<Input<'StartSession'>> = ({ account, region }, { Target: target, DocumentName: document }) => [
  { action: 'ssm:StartSession', resource: arn('ec2', region, account, `instance/${target}`) },
  ...(document === undefined || document === shellDocument
    ? []
    : [
        {
          action: 'ssm:StartSession',
          resource: arn('ssm', region, document.startsWith('AWS-') ? '' : account, `document/${document}`),
        },
      ]),
];

export const terminates: Authorizer<Input<'TerminateSession'>> = ({ account, region }, { SessionId: id }) => [
  { action: 'ssm:TerminateSession', resource: arn('ssm', region, account, `session/${id}`) },
];

export const housekeeping: Reconciler = {
  name: 'ssm/sessions',
  every: 3_600_000,
  run: async ({ store, now }) => {
    for (let more = true; more;)
      more = await store.write(async (tx) => {
        const old = await sessions.scanIndex(tx, 'byStart', [], { limit: 100 });
        const over = old.filter(({ row }) => row.startedAt < now - sessionMilliseconds);
        for (const { row } of over) await sessions.delete(tx, row.id);
        return over.length === 100;
      });
  },
};

export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

async function requireRunning(request: ServiceRequest, id: string): Promise<void> {
  const { account, region } = request;
  try {
    const aws = request.awsAs(rootUser(account), { account, region, quiet: true });
    const { Reservations: found } = await aws.ec2('DescribeInstances', { InstanceIds: [id] });
    if (found?.[0]?.Instances?.[0]?.State?.Name !== 'running') throw targetNotConnected(id);
  } catch (error) {
    if (error instanceof AwsError && error.code === 'InvalidInstanceID.NotFound') throw targetNotConnected(id);
    throw error;
  }
}

/** The name of a user or of a role's session, as session ids begin. */
function callerName({ principal }: ServiceRequest): string {
  return (principal.arn.split(/[/:]/).at(-1) || 'session').replaceAll(/[^\w+=,.@-]/g, '-').slice(0, 64);
}
