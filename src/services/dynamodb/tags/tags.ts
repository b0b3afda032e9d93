/** Tags of a table: their rules in DynamoDB's words. */

import { tagFault, tagsOf, type Tag } from '../../../framework/tags.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { accessDenied, validationException } from '../errors.ts';
import { tagsPerTableMax } from '../limits.ts';

/** Throws for an ARN that is none; AWS takes it for a resource that the caller may not touch. */
export function checkTaggedArn({ operation, principal }: ServiceRequest, resource: string | undefined): void {
  if (resource === undefined) throw validationException('Invalid TableArn');
  if (/^.+:.+:.+:.+:.+:.+\/.+$/.test(resource)) return;
  const user = principal.type === 'Anonymous' ? 'anonymous' : principal.arn;
  throw accessDenied(`User: ${user} is not authorized to perform: dynamodb:${operation} on resource: ${resource || '*'}`);
}

/** The tags that a call gives. Throws ValidationException for those that AWS refuses. */
export function checkTags(given: readonly { Key: string | undefined; Value: string | undefined }[] | undefined): Tag[] {
  const tags = tagsOf(given as { Key?: string; Value?: string }[] | undefined);
  const fault = tagFault(tags, { tagsPerResourceMax: tagsPerTableMax });
  if (!fault) return tags;
  if (fault.kind === 'tooMany') throw validationException(`Too many tags: ${fault.max} at most`);
  if (fault.kind === 'duplicateKey') throw validationException('Duplicate tag key specified');
  if (fault.kind === 'reservedKey') throw validationException(`Tag keys beginning with aws: are reserved: ${fault.key}`);
  throw validationException(`One or more parameter values were invalid: Tag ${fault.key} is not valid`);
}
