/** Why a call was denied, as sts:DecodeAuthorizationMessage tells it. */

import type { Random } from '../random.ts';
import { seal, sealingKey } from '../session-token.ts';
import type { Store } from '../../store/store.ts';
import type { NamedPolicy } from '../identity.ts';
import type { Statement } from './document.ts';
import type { Decision, DecisionQuery, StatementRef } from './evaluate.ts';

type Items<T> = { items: readonly T[] };
const items = <T>(list: readonly T[]): Items<T> => ({ items: list });
const valueItems = (values: readonly string[]) => items(values.map((value) => ({ value })));

/** Under what purpose the message of an account is sealed; who opens it must be of that account. */
export function messagePurpose(account: string): string {
  return `authorization message ${account}`;
}

/** The sealed reasons of a denial, for messages such as EC2's. */
export async function encodedAuthorizationMessage(store: Store, random: Random, query: DecisionQuery, decision: Decision): Promise<string> {
  return seal(await sealingKey(store, random), messagePurpose(query.account), authorizationMessage(query, decision), random);
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html */
export function authorizationMessage(query: DecisionQuery, decision: Decision): string {
  const { principal, check } = query;
  return JSON.stringify({
    allowed: decision.allowed,
    explicitDeny: decision.effect === 'explicitDeny',
    matchedStatements: items(decision.matched.map((ref) => shownStatement(ref, query)).filter((shown) => shown !== undefined)),
    failures: items([]),
    context: {
      principal: { id: principal.id, ...('name' in principal && { name: principal.name }), arn: principal.arn },
      action: check.action,
      resource: check.resource,
      conditions: items(
        Object.entries(check.context ?? {}).map(([key, value]) => ({ key, values: valueItems(value === undefined ? [] : [value].flat()) })),
      ),
    },
  });
}

function shownStatement(ref: StatementRef, query: DecisionQuery) {
  const statement = statementOf(ref, query);
  if (!statement) return undefined;
  const principals = statement.principals ?? statement.notPrincipals;
  return {
    statementId: statement.sid ?? '',
    effect: statement.effect.toUpperCase(),
    principals: valueItems(principals === undefined ? [] : principals === '*' ? ['*'] : Object.values(principals).flat()),
    principalGroups: items([]),
    actions: valueItems(statement.actions ?? statement.notActions ?? []),
    resources: valueItems(statement.resources ?? statement.notResources ?? []),
    conditions: items(statement.conditions.map(({ key, values }) => ({ key, values: valueItems(values) }))),
  };
}

function statementOf(
  { layer, policy, index }: StatementRef,
  { policies, check, resourceControl, facts }: DecisionQuery,
): Statement | undefined {
  const lists: Record<StatementRef['layer'], readonly (NamedPolicy | undefined)[]> = {
    identity: policies.identity,
    boundary: [policies.boundary],
    session: policies.session ?? [],
    serviceControl: policies.serviceControl?.flat() ?? [],
    resourceControl: resourceControl?.flat() ?? [],
    endpoint: [facts.network?.policy],
    resource: [check.resourcePolicy],
    trust: [check.resourcePolicy],
  };
  return lists[layer].find((named) => named?.name === policy)?.document.statements[index];
}
