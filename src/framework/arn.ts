/** Amazon Resource Names: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */

export type Arn = { partition: string; service: string; region: string; account: string; resource: string };

/** Formats an ARN; region and account may be empty, as they are for IAM and S3. */
export function arn(service: string, region: string, account: string, resource: string, partition = 'aws'): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

/** The parts of an ARN, or undefined when the text is none. The resource part keeps its own colons. */
export function parseArn(text: string): Arn | undefined {
  const [prefix, partition, service, region, account, ...resource] = text.split(':');
  if (prefix !== 'arn' || !partition || !service || region === undefined || account === undefined || resource.length === 0)
    return undefined;
  return { partition, service, region, account, resource: resource.join(':') };
}
