/** A policy as cards: one a statement. What cards cannot hold is left to JSON, and nothing of it is lost. */

export type Condition = { operator: string; key: string; values: readonly string[] };
export type Card = {
  sid: string;
  effect: 'Allow' | 'Deny';
  actions: readonly string[];
  /** All but these. */
  exceptActions: boolean;
  resources: readonly string[];
  exceptResources: boolean;
  conditions: readonly Condition[];
};
export type CardPolicy = { version: string; id: string | undefined; cards: readonly Card[] };

export type PolicyFault =
  | 'noStatement'
  | 'action'
  | 'actionForm'
  | 'resource'
  | 'resourceForm'
  | 'sid'
  | 'sidTwice'
  | 'condition'
  | 'version';

const cardMembers: ReadonlySet<string> = new Set(['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition']);
const policyMembers: ReadonlySet<string> = new Set(['Version', 'Id', 'Statement']);

export const emptyCard: Card = {
  ...{ sid: '', effect: 'Allow', actions: [], exceptActions: false, resources: [], exceptResources: false, conditions: [] },
};

/** Undefined for what is no policy, or one that cards cannot show whole. */
export function cardsOf(text: string): CardPolicy | undefined {
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    // Still being typed.
    return undefined;
  }
  if (!isObject(policy) || Object.keys(policy).some((name) => !policyMembers.has(name))) return undefined;
  const { Version = '2008-10-17', Id, Statement = [] } = policy;
  if (typeof Version !== 'string' || (Id !== undefined && typeof Id !== 'string')) return undefined;
  const cards = (Array.isArray(Statement) ? Statement : [Statement]).map(cardOf);
  return cards.includes(undefined) ? undefined : { version: Version, id: Id, cards: cards as Card[] };
}

function cardOf(statement: unknown): Card | undefined {
  if (!isObject(statement) || Object.keys(statement).some((name) => !cardMembers.has(name))) return undefined;
  const { Sid = '', Effect, Action, NotAction, Resource, NotResource, Condition = {} } = statement;
  if ((Action !== undefined && NotAction !== undefined) || (Resource !== undefined && NotResource !== undefined)) return undefined;
  const [actions, resources, conditions] = [
    texts(Action ?? NotAction ?? []),
    texts(Resource ?? NotResource ?? []),
    conditionsOf(Condition),
  ];
  if (typeof Sid !== 'string' || (Effect !== 'Allow' && Effect !== 'Deny') || !actions || !resources || !conditions) return undefined;
  const except = { exceptActions: NotAction !== undefined, exceptResources: NotResource !== undefined };
  return { sid: Sid, effect: Effect, actions, resources, conditions, ...except };
}

function conditionsOf(condition: unknown): Condition[] | undefined {
  if (!isObject(condition)) return undefined;
  const rows: Condition[] = [];
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isObject(keys)) return undefined;
    for (const [key, given] of Object.entries(keys)) {
      const values = texts(typeof given === 'boolean' || typeof given === 'number' ? String(given) : given);
      if (!values) return undefined;
      rows.push({ operator, key, values });
    }
  }
  return rows;
}

export function textOfCards({ version, id, cards }: CardPolicy): string {
  return JSON.stringify({ Version: version, ...(id !== undefined && { Id: id }), Statement: cards.map(statementOf) }, null, 2);
}

function statementOf(card: Card): object {
  const condition: Record<string, Record<string, string | readonly string[]>> = {};
  for (const { operator, key, values } of card.conditions) (condition[operator] ??= {})[key] = short(values);
  return {
    ...(card.sid !== '' && { Sid: card.sid }),
    Effect: card.effect,
    [card.exceptActions ? 'NotAction' : 'Action']: short(card.actions),
    [card.exceptResources ? 'NotResource' : 'Resource']: short(card.resources),
    ...(card.conditions.length > 0 && { Condition: condition }),
  };
}

/** What IAM would refuse of an identity's policy, with the statement's number from 1. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
export function faultsOf({ version, cards }: CardPolicy): { at: number; fault: PolicyFault }[] {
  const found: { at: number; fault: PolicyFault }[] = [];
  if (version !== '2012-10-17' && version !== '2008-10-17') found.push({ at: 0, fault: 'version' });
  if (cards.length === 0) found.push({ at: 0, fault: 'noStatement' });
  cards.forEach((card, index) => {
    const tell = (fault: PolicyFault): void => void found.push({ at: index + 1, fault });
    if (!/^[A-Za-z0-9]*$/.test(card.sid)) tell('sid');
    if (card.sid !== '' && cards.some((other, at) => at < index && other.sid === card.sid)) tell('sidTwice');
    if (card.actions.length === 0) tell('action');
    if (!card.actions.every(isAction)) tell('actionForm');
    if (card.resources.length === 0) tell('resource');
    if (!card.resources.every(isResource)) tell('resourceForm');
    if (card.conditions.some(({ operator, key, values }) => operator === '' || key === '' || values.length === 0)) tell('condition');
  });
  return found;
}

export const isAction = (text: string): boolean => /^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$/.test(text);
export const isResource = (text: string): boolean => /^(\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:.+)$/.test(text);

/** Beginnings that one may choose from: all, reading and writing of the services that most policies are about. */
export const actionsToChoose: readonly string[] = [
  's3:*',
  's3:Get*',
  's3:List*',
  's3:GetObject',
  's3:PutObject',
  's3:DeleteObject',
  's3:ListBucket',
  'sqs:*',
  'sqs:SendMessage',
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sns:*',
  'sns:Publish',
  'dynamodb:*',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'kinesis:*',
  'kinesis:PutRecord',
  'kms:Encrypt',
  'kms:Decrypt',
  'ec2:*',
  'ec2:Describe*',
  'ec2:RunInstances',
  'ssm:StartSession',
  'iam:*',
  'iam:PassRole',
  'sts:AssumeRole',
  'logs:*',
  'logs:PutLogEvents',
];

export const operators: readonly string[] = [
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringNotLike',
  'ArnEquals',
  'ArnLike',
  'NumericEquals',
  'NumericLessThan',
  'NumericGreaterThan',
  'DateLessThan',
  'DateGreaterThan',
  'Bool',
  'IpAddress',
  'NotIpAddress',
  'Null',
];

export const conditionKeys: readonly string[] = [
  'aws:SourceIp',
  'aws:CurrentTime',
  'aws:MultiFactorAuthPresent',
  'aws:PrincipalArn',
  'aws:PrincipalTag/team',
  'aws:RequestedRegion',
  'aws:ResourceTag/team',
  'aws:SecureTransport',
  'aws:username',
  's3:prefix',
];

function texts(value: unknown): string[] | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.every((one) => typeof one === 'string') ? list : undefined;
}

const short = (values: readonly string[]): string | readonly string[] => (values.length === 1 ? values[0]! : values);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
