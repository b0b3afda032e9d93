/** Names of parameters, alone or with a version or label behind them: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html */

import { arn, parseArn } from '../../../framework/arn.ts';
import { reservedName, tooManyLevels, unsatisfied, validationException } from '../errors.ts';
import { arnCharactersMax, hierarchyLevelsMax, parametersPerPageMax } from '../limits.ts';

type Place = { account: string; region: string };

export const parameterArn = ({ account, region }: Place, name: string): string =>
  arn('ssm', region, account, `parameter${name.startsWith('/') ? name : `/${name}`}`);

/** Public parameters belong to no account. */
export const publicArn = ({ region }: Pick<Place, 'region'>, name: string): string => parameterArn({ account: '', region }, name);

const malformedPath =
  'If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_';

/** A name that is to be written. Throws ValidationException, AccessDeniedException or HierarchyLevelLimitExceededException. */
export function newName(place: Place, given: string): string {
  const name = given.trim();
  const lower = name.toLowerCase();
  if (lower.startsWith('/aws/')) throw reservedName(name);
  if (/^\/?(?:aws|ssm)/.test(lower))
    throw validationException(
      name.lastIndexOf('/') > 0
        ? `Parameter name: can't be prefixed with "ssm" (case-insensitive). ${malformedPath}`
        : 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).',
    );
  requireForm(name);
  if (parameterArn(place, name).length > arnCharactersMax)
    throw validationException(`The length of the ARN of a parameter can be ${arnCharactersMax} characters at most.`);
  if (name.startsWith('/') && name.split('/').length - 1 > hierarchyLevelsMax) throw tooManyLevels();
  return name;
}

/** A name that is to be found. Throws ValidationException for what can be none. */
export function knownName(given: string): string {
  const name = given.trim();
  if (/^\/?ssm/i.test(name)) throw validationException(`Parameter name: can't be prefixed with "ssm" (case-insensitive). ${malformedPath}`);
  requireForm(name, malformedName);
  return name;
}

/** `x` and `/x` are one parameter, since they have one ARN: the other way to write a name of one level. */
export function otherName(name: string): string | undefined {
  if (!name.includes('/')) return `/${name}`;
  return name.lastIndexOf('/') === 0 ? name.slice(1) : undefined;
}

const malformedName = `Parameter name: can't be prefixed with "ssm" (case-insensitive). ${malformedPath}`;

function requireForm(name: string, notWhole = 'Parameter name must be a fully qualified name.'): void {
  if (!/^[\w.\-/]+$/.test(name) || name.endsWith('/') || name.includes('//')) throw validationException(malformedName);
  if (name.includes('/') && !name.startsWith('/')) throw validationException(notWhole);
}

export type Reference = {
  /** In the order in which they are looked for: a name of one level may begin with a slash or not. */
  names: readonly string[];
  /** What it is called in the answer: as it was asked for, where a name was given. */
  shown?: string;
  /** A version's number, or a label. */
  selector?: string;
  /** The account whose parameter it is, where an ARN says so. */
  account?: string;
};

/** `name`, `name:3`, `name:label` or an ARN with the same. Throws ValidationException. */
export function referenceOf(given: string): Reference {
  const text = given.trim();
  const found = parseArn(text);
  const [whole = '', selector, ...more] = (found ? found.resource.replace(/^parameter/, '') : text).split(':');
  if (more.length > 0 || selector === '') throw validationException(`${given} is no name of a parameter with one version or label.`);
  const name = knownName(whole);
  const other = otherName(name);
  const names = other === undefined ? [name] : found ? [other, name] : [name, other];
  return { names, ...(!found && { shown: name }), ...(selector !== undefined && { selector }), ...(found && { account: found.account }) };
}

/** The folder that is asked for, without a slash at its end: the root is the empty text. Throws ValidationException. */
export function folderOf(path: string): string {
  const given = path.trim();
  if (!given.startsWith('/') || !/^[\w.\-/]+$/.test(given) || given.includes('//'))
    throw validationException(
      'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with \\"aws\\" or \\"ssm\\" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.',
    );
  return given.endsWith('/') ? given.slice(0, -1) : given;
}

/** Throws ValidationException for none or too many. */
export function requireNames(names: readonly string[]): void {
  if (names.length >= 1 && names.length <= parametersPerPageMax) return;
  const bound = names.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${parametersPerPageMax}`;
  throw unsatisfied(`[${names.join(', ')}]`, 'names', `Member must have length ${bound}.`);
}
