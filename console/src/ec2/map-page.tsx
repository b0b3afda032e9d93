/** The map of a VPC as a page of its own: the default VPC's, or whichever one chooses. */

import ContentLayout from '@cloudscape-design/components/content-layout';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import { useText } from '../language/catalogue.ts';
import { FailureAlert } from '../resource/failure.tsx';
import { Empty } from '../resource/resource-table.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { goTo, hrefOf, usePlace } from '../shell/places.ts';
import { ec2, titled } from './client.ts';
import { messages } from './messages-map.ts';
import { messages as network } from './messages-network.ts';
import { VpcMap } from './vpc-map.tsx';

export function MapPage() {
  const t = useText(messages);
  const n = useText(network);
  const { query } = usePlace();
  const { value: vpcs, error } = useAnswer(async () => (await ec2().send(new DescribeVpcsCommand({}))).Vpcs ?? [], []);
  const options = (vpcs ?? []).map((vpc) => ({ value: vpc.VpcId!, label: titled(vpc.VpcId!, vpc, vpc.CidrBlock) }));
  const wanted = query.get('vpc') ?? vpcs?.find(({ IsDefault }) => IsDefault)?.VpcId ?? vpcs?.[0]?.VpcId;
  return (
    <ContentLayout header={<Header variant="h1">{t.map}</Header>}>
      <SpaceBetween size="l">
        {error !== undefined && <FailureAlert error={error} />}
        {options.length > 1 && (
          <FormField label={t.choose}>
            <Select
              options={options}
              selectedOption={options.find(({ value }) => value === wanted) ?? null}
              onChange={({ detail }) => goTo(hrefOf(['ec2', 'map'], { vpc: detail.selectedOption.value }))}
            />
          </FormField>
        )}
        {vpcs?.length === 0 && <Empty title={n.vpcsEmpty} text={n.vpcsEmptyText} />}
        {wanted !== undefined && <VpcMap vpc={wanted} />}
      </SpaceBetween>
    </ContentLayout>
  );
}
