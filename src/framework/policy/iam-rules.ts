/** What IAM asks of policies that are attached to identities, in the order in which it asks, with its sentences. */

import { valueFits } from './conditions.ts';
import type { Statement } from './document.ts';
import type { RawDocument, RawStatement } from './syntax.ts';

export type Refuse = (message: string) => never;

const partitions = new Set(['aws', 'aws-cn', 'aws-us-gov', 'aws-iso', 'aws-iso-b', 'aws-iso-e', 'aws-iso-f', 'aws-eusc', '*']);
const iamPaths = [
  'user/',
  'federated-user/',
  'role/',
  'group/',
  'instance-profile/',
  'mfa/',
  'server-certificate/',
  'policy/',
  'sms-mfa/',
  'saml-provider/',
  'oidc-provider/',
  'report/',
  'access-report/',
];

/** Checks an identity policy, boundary, session policy or SCP. */
export function checkIamRules(document: RawDocument, options: { versionRequired: boolean }, refuse: Refuse): void {
  if (options.versionRequired && (!document.hasVersion || document.version !== '2012-10-17'))
    refuse('Policy document must be version 2012-10-17 or greater.');
  checkLegacyGrammar(document.statements, refuse);
  checkSids(document.statements, refuse);
  for (const statement of document.statements) {
    if (statement.principals || statement.notPrincipals) refuse('Policy document should not specify a principal.');
  }
  for (const statement of document.statements) {
    if (listOf(statement, 'action').length === 0) refuse('Policy statement must contain actions.');
  }
  checkVendors(document.statements, refuse);
  for (const statement of document.statements) {
    if (listOf(statement, 'resource').length === 0) refuse('Policy statement must contain resources.');
  }
  for (const statement of document.statements) for (const resource of listOf(statement, 'resource')) checkResource(resource, refuse);
  checkActions(document.statements, refuse);
}

/** Faults that IAM tells in one sentence without saying more. */
export function checkLegacyGrammar(statements: readonly RawStatement[], refuse: Refuse): void {
  const fail = () => refuse('The policy failed legacy parsing');
  for (const statement of statements) {
    if (statement.effectAsWritten !== statement.effect) fail();
    for (const resource of listOf(statement, 'resource')) {
      const [prefix, partition, vendor, , account, ...rest] = resource.split(':');
      if (prefix !== 'arn' || partition !== 'aws') continue;
      if (vendor === '' || (account !== undefined && rest.length === 0 && !/^(\d{12}|\*|)$/.test(account))) fail();
    }
    for (const { operator, values } of statement.conditions) {
      if (/^(date|numeric|ip|notip)/i.test(operator) && !values.every((value) => valueFits(operator, value))) fail();
    }
  }
}

/** Sids are unique and alphanumeric. */
export function checkSids(statements: readonly Statement[], refuse: Refuse): void {
  const seen = new Set<string>();
  for (const { sid } of statements) {
    if (!sid) continue;
    if (seen.has(sid)) refuse('Statement IDs (SID) in a single policy must be unique.');
    if (!/^[0-9A-Za-z]*$/.test(sid))
      refuse('Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*');
    seen.add(sid);
  }
}

/** Every action has a colon, or is `*`. */
export function checkVendors(statements: readonly Statement[], refuse: Refuse): void {
  for (const statement of statements) {
    for (const action of listOf(statement, 'action')) {
      if (action !== '*' && !action.includes(':')) refuse('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
    }
  }
}

/** Every action has one colon only, behind a service's name. */
export function checkActions(statements: readonly Statement[], refuse: Refuse): void {
  for (const statement of statements) {
    for (const action of listOf(statement, 'action')) {
      const [vendor, ...rest] = action.split(':');
      if (rest.length > 1) refuse('Actions/Condition can contain only one colon.');
      if (rest.length === 1 && !/^[A-Za-z0-9.*-]+$/.test(vendor!)) refuse(`Vendor ${vendor} is not valid`);
    }
  }
}

function checkResource(resource: string, refuse: Refuse): void {
  if (resource === '*') return;
  const given = resource.split(':');
  if (given.length < 2) refuse(`Resource ${resource} must be in ARN format or "*".`);
  const [partition, vendor = '', region = '*', , path] = given.slice(1);
  if (!partitions.has(partition!))
    refuse(
      `Partition "${partition}" is not valid for resource "arn:${[...given.slice(1), '*', '*', '*', '*'].slice(0, Math.max(5, given.length - 1)).join(':')}".`,
    );
  if (vendor === '' || /[*?]/.test(vendor)) refuse('Resource vendor must be fully qualified and cannot contain regexes.');
  if (given.length < 6) return;
  if (
    vendor === 's3' &&
    region !== '' &&
    region !== '*' &&
    !/^(?:[*?$]|accesspoint[/:]|job\/|storage-lens|access-grants\/|async-request\/)/.test(path!)
  )
    refuse(`Resource ${resource} can not contain region information.`);
  if (vendor !== 'iam') return;
  if (region !== '' && region !== '*') refuse(`IAM resource ${resource} cannot contain region information.`);
  if (path !== '*' && path !== 'root' && !iamPaths.some((start) => path!.startsWith(start)) && !/^[*?$]/.test(path!))
    refuse(`IAM resource path must either be "*" or start with ${iamPaths.join(', ')}.`);
}

function listOf(statement: Statement, element: 'action' | 'resource'): readonly string[] {
  return (element === 'action' ? (statement.actions ?? statement.notActions) : (statement.resources ?? statement.notResources)) ?? [];
}
