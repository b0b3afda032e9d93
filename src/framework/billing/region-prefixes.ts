/** How usage types of a region begin on a bill: https://docs.aws.amazon.com/AmazonS3/latest/userguide/aws-usage-report-understand.html */

const prefixes: Readonly<Record<string, string>> = {
  ...{ 'us-east-1': '', 'us-east-2': 'USE2', 'us-west-1': 'USW1', 'us-west-2': 'USW2' },
  ...{ 'ca-central-1': 'CAN1', 'ca-west-1': 'CAN2', 'mx-central-1': 'MXC1', 'sa-east-1': 'SAE1' },
  ...{ 'eu-west-1': 'EU', 'eu-west-2': 'EUW2', 'eu-west-3': 'EUW3', 'eu-central-1': 'EUC1', 'eu-central-2': 'EUC2' },
  ...{ 'eu-north-1': 'EUN1', 'eu-south-1': 'EUS1', 'eu-south-2': 'EUS2' },
  ...{ 'ap-east-1': 'APE1', 'ap-east-2': 'APE2', 'ap-northeast-1': 'APN1', 'ap-northeast-2': 'APN2', 'ap-northeast-3': 'APN3' },
  ...{ 'ap-south-1': 'APS3', 'ap-south-2': 'APS5', 'ap-southeast-1': 'APS1', 'ap-southeast-2': 'APS2', 'ap-southeast-3': 'APS4' },
  ...{ 'ap-southeast-4': 'APS6', 'ap-southeast-5': 'APS7', 'ap-southeast-6': 'APS8', 'ap-southeast-7': 'APS9' },
  ...{ 'me-south-1': 'MES1', 'me-central-1': 'MEC1', 'il-central-1': 'ILC1', 'af-south-1': 'AFS1' },
};

/** A region of the user's own invention begins with its name. */
export function prefixed(usageType: string, region: string, by: 'name' | undefined): string {
  const prefix = by === 'name' ? region : Object.hasOwn(prefixes, region) ? prefixes[region]! : region.toUpperCase();
  return prefix === '' ? usageType : `${prefix}-${usageType}`;
}
