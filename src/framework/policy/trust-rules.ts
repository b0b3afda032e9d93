/** What IAM asks of a role's trust policy. */

import type { PrincipalPattern } from './document.ts';
import { checkActions, checkLegacyGrammar, checkSids, checkVendors, type Refuse } from './iam-rules.ts';
import type { RawDocument } from './syntax.ts';

const actionsAllowed =
  /^sts:(assumerole|assumerolewithsaml|assumerolewithwebidentity|assumeroot|tagsession|setsourceidentity|setcontext|getfederationtoken|getsessiontoken|\*|(assume|tag|set)[a-z]*\*)$/i;
/** CloudFront's origin access identities belong to no account. */
const awsPrincipal =
  /^(\*|\d{12}|A(IDA|ROA)[A-Z0-9]{12,}|arn:aws[a-z-]*:(iam::\d{12}:(root|user\/.+|role\/.+)|iam::cloudfront:user\/.+|sts::\d{12}:(assumed-role\/[^/]+\/.+|federated-user\/.+)))$/;
const outsidePrincipal = /^[\w.:/+=,@*-]+$/;

/** Checks a trust policy: principals, STS actions, no resources. */
export function checkTrustRules(document: RawDocument, refuse: Refuse): void {
  checkLegacyGrammar(document.statements, refuse);
  checkSids(document.statements, refuse);
  checkVendors(document.statements, refuse);
  checkActions(document.statements, refuse);
  for (const statement of document.statements) {
    if (statement.resources || statement.notResources) refuse(`Has prohibited field ${statement.resources ? 'Resource' : 'NotResource'}`);
    if (statement.notPrincipals) refuse('Has prohibited field NotPrincipal');
    if (!statement.principals) return refuse('Missing required field Principal');
    if (!statement.actions && !statement.notActions) refuse('Missing required field Action');
    if (statement.actions && !statement.actions.every((action) => actionsAllowed.test(action)))
      refuse('AssumeRole policy may only specify STS AssumeRole actions.');
    const invalid = invalidPrincipal(statement.principals);
    if (invalid) refuse(`Invalid principal in policy: "${invalid.kind.toUpperCase()}":"${invalid.name}"`);
  }
}

/** The first principal whose form is wrong. Whether it exists, its service knows. */
export function invalidPrincipal(pattern: PrincipalPattern): { kind: string; name: string } | undefined {
  if (pattern === '*') return undefined;
  for (const [kind, names] of Object.entries(pattern)) {
    for (const name of names) if (!fits(kind, name)) return { kind, name };
    if (names.length === 0) return { kind, name: '' };
  }
  return undefined;
}

function fits(kind: string, name: string): boolean {
  if (kind === 'AWS') return awsPrincipal.test(name);
  if (kind === 'CanonicalUser') return /^[0-9a-f]{64}$/.test(name);
  if (kind === 'Service') return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(name);
  return outsidePrincipal.test(name);
}
