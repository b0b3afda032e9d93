/** Policy texts turned into PolicyDocuments, refused with the sentences of AWS. */

import { AwsError } from '../aws-error.ts';
import type { PolicyDocument } from './document.ts';
import { checkIamRules } from './iam-rules.ts';
import { JsonSyntax, readJson, type Json } from './json.ts';
import { checkResourceRules } from './resource-rules.ts';
import { readDocument, SyntaxFault, type RawDocument } from './syntax.ts';
import { checkTrustRules } from './trust-rules.ts';

/** Where a policy is attached; each kind has its own grammar. */
export type PolicyKind = 'identity' | 'resource' | 'trust' | 'boundary' | 'session' | 'serviceControl';

/** `code` is MalformedPolicyDocument unless the service has its own (S3: MalformedPolicy). */
export class MalformedPolicy extends AwsError {
  override name = 'MalformedPolicy';
}

export type ParseOptions = {
  /** The error's code; MalformedPolicyDocument when absent. */
  code?: string;
  /** True for resource policies that belong to one resource only and may leave it out (ECR). */
  resourceOptional?: boolean;
  /** True where a resource may be any text (SQS): what is no ARN means nothing. */
  anyResource?: boolean;
};

/** No service takes longer policies; the quotas proper are each service's own. */
const CHARACTERS_MAX = 131_072;

/**
 * Parses and checks a policy. Throws MalformedPolicy with the words of IAM, or for `resource` those of S3.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function parsePolicy(text: string, kind: PolicyKind, options: ParseOptions = {}): PolicyDocument {
  const refuse = (message: string): never => {
    throw new MalformedPolicy(options.code ?? 'MalformedPolicyDocument', message, { status: 400 });
  };
  const json = text.length > CHARACTERS_MAX ? undefined : jsonOf(text);
  if (kind === 'resource') {
    if (json === undefined || !(json instanceof Map)) return refuse("Policies must be valid JSON and the first byte must be '{'");
    return plain(checkResourceRules(json, options, refuse));
  }
  if (json === undefined) return refuse(isJson(text) ? 'Syntax errors in policy.' : 'This policy contains invalid Json');
  try {
    const document = readDocument(json);
    if (kind === 'trust') checkTrustRules(document, refuse);
    else checkIamRules(document, { versionRequired: kind !== 'session' }, refuse);
    return plain(document);
  } catch (error) {
    if (error instanceof SyntaxFault) return refuse('Syntax errors in policy.');
    throw error;
  }
}

/** JSON that has a key twice, or goes too deep, is JSON still. */
function isJson(text: string): boolean {
  if (text.length > CHARACTERS_MAX) return true;
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return false;
    throw error;
  }
}

function plain({ version, id, statements }: RawDocument): PolicyDocument {
  const checked = statements.map(({ effectAsWritten: _, ...statement }) => statement);
  return { version, ...(id !== undefined && { id }), statements: checked };
}

/** The length that IAM's quotas count: white space is free. */
export function policyLength(text: string): number {
  return text.replace(/\s+/g, '').length;
}

function jsonOf(text: string): Json | undefined {
  try {
    return readJson(text);
  } catch (error) {
    if (error instanceof JsonSyntax) return undefined;
    throw error;
  }
}
