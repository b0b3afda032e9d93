/** Public parameters that name images: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-ami.html */

import { rootUser } from '../../../framework/principal.ts';
import type { ServiceRequest } from '../../../framework/request.ts';

/** The names under which AWS and others publish images, and which of this machine's stands for them: the first that is there. */
type Alias = { names: readonly string[]; images: readonly string[] };

const amazonLinux = '/aws/service/ami-amazon-linux-latest';
const ubuntu = '/aws/service/canonical/ubuntu/server';
/** Of no distribution: they stand in for those that cannot be had here. */
const ours = ['haneul-host', 'haneul-tiny'];

const aliasesFor = (architecture: string): Alias[] => {
  const debian = architecture === 'x86_64' ? 'amd64' : 'arm64';
  const amazon = [
    'al2023-ami-kernel-default',
    'al2023-ami-kernel-6.1',
    'al2023-ami-minimal-kernel-default',
    'al2023-ami-minimal-kernel-6.1',
  ];
  return [
    {
      names: [
        ...amazon.map((name) => `${amazonLinux}/${name}-${architecture}`),
        ...['amzn2-ami-hvm', 'amzn2-ami-kernel-5.10-hvm'].map((name) => `${amazonLinux}/${name}-${architecture}-gp2`),
        ...['22.04', '24.04'].map((version) => `${ubuntu}/${version}/stable/current/${debian}/hvm/ebs-gp2/ami-id`),
        `${ubuntu}/24.04/stable/current/${debian}/hvm/ebs-gp3/ami-id`,
      ],
      images: ours,
    },
    ...['11', '12', '13'].map((release) => ({
      names: [`/aws/service/debian/release/${release}/latest/${debian}`],
      images: [`debian-${release}`],
    })),
  ];
};

export type PublicParameter = { name: string; value: string; since: number };

/** All of a region, in order of names. What is not installed has none. */
export async function imageParameters(request: ServiceRequest): Promise<PublicParameter[]> {
  const { account, region } = request;
  const aws = request.awsAs(rootUser(account), { account, region, quiet: true });
  const { Images: images = [] } = await aws.ec2('DescribeImages', { Owners: ['amazon'] });
  const byName = new Map(images.map((image) => [image.Name!, image]));
  const architectures = new Set(images.map((image) => image.Architecture!));
  return [...architectures]
    .flatMap((architecture) => aliasesFor(architecture))
    .flatMap(({ names, images: wanted }) => {
      const found = wanted.map((name) => byName.get(name)).find((image) => image !== undefined);
      return found ? names.map((name) => ({ name, value: found.ImageId!, since: Date.parse(found.CreationDate!) })) : [];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
