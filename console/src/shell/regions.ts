/** The regions that one may work in. */

export const regions: readonly { id: string; name: string }[] = [
  { id: 'us-east-1', name: 'N. Virginia' },
  { id: 'us-east-2', name: 'Ohio' },
  { id: 'us-west-1', name: 'N. California' },
  { id: 'us-west-2', name: 'Oregon' },
  { id: 'ca-central-1', name: 'Central Canada' },
  { id: 'eu-central-1', name: 'Frankfurt' },
  { id: 'eu-north-1', name: 'Stockholm' },
  { id: 'eu-west-1', name: 'Ireland' },
  { id: 'eu-west-2', name: 'London' },
  { id: 'eu-west-3', name: 'Paris' },
  { id: 'ap-northeast-1', name: 'Tokyo' },
  { id: 'ap-northeast-2', name: 'Seoul' },
  { id: 'ap-northeast-3', name: 'Osaka' },
  { id: 'ap-southeast-1', name: 'Singapore' },
  { id: 'ap-southeast-2', name: 'Sydney' },
  { id: 'ap-south-1', name: 'Mumbai' },
  { id: 'sa-east-1', name: 'São Paulo' },
];
