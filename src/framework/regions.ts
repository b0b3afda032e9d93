/** AWS's regions and their zones: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html */

export type Region = { name: string; optIn: boolean; /** The letters of its zones. */ zones: string };

const enabled: Readonly<Record<string, string>> = {
  'us-east-1': 'abcdef',
  'us-east-2': 'abc',
  'us-west-1': 'ac',
  'us-west-2': 'abcd',
  'ca-central-1': 'abd',
  'eu-central-1': 'abc',
  'eu-north-1': 'abc',
  'eu-west-1': 'abc',
  'eu-west-2': 'abc',
  'eu-west-3': 'abc',
  'ap-northeast-1': 'acd',
  'ap-northeast-2': 'abcd',
  'ap-northeast-3': 'abc',
  'ap-south-1': 'abc',
  'ap-southeast-1': 'abc',
  'ap-southeast-2': 'abc',
  'sa-east-1': 'abc',
};
const optedIn = [
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-south-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-west-1',
  'eu-central-2',
  'eu-south-1',
  'eu-south-2',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
];

/** Every region can be used at once; those that AWS opens on request say so. */
export const regions: readonly Region[] = [
  ...Object.entries(enabled).map(([name, zones]) => ({ name, optIn: false, zones })),
  ...optedIn.map((name) => ({ name, optIn: true, zones: 'abc' })),
];

export type Zone = { name: string; id: string; region: string };

/** The zones of a region: `us-east-1a` with the id `use1-az1`. A region of the user's own invention has three. */
export function zonesOf(region: string): Zone[] {
  const letters = regions.find(({ name }) => name === region)?.zones ?? 'abc';
  return [...letters].map((letter, at) => ({ name: `${region}${letter}`, id: `${shortName(region)}-az${at + 1}`, region }));
}

/** `ap-northeast-1` is `apne1`. */
function shortName(region: string): string {
  const [area = region, direction = '', number = ''] = region.split('-');
  const short = direction.replaceAll(/north|south|east|west|central/g, (word) => word.charAt(0));
  return `${area}${short}${number}`;
}

/** A zone by its name or id, or undefined. */
export function zoneNamed(region: string, name: string | undefined, id?: string): Zone | undefined {
  return zonesOf(region).find((zone) => zone.name === name || (id !== undefined && zone.id === id));
}
