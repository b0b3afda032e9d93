/** What a table has used of reads and writes by day, from the bill's own record of use, beside what is provisioned. */

import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { CostExplorerClient, GetCostAndUsageWithResourcesCommand, type ResultByTime } from '@aws-sdk/client-cost-explorer';
import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { FromShell } from '../from-shell/panel.tsx';
import { fill, useText } from '../language/catalogue.ts';
import { FailureAlert } from '../resource/failure.tsx';
import { LineGraph, type Line } from '../resource/line-graph.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { clientOf } from '../session/clients.ts';
import { cloudNow } from '../session/private-api.ts';
import { messages } from './messages.ts';

/** Cost Explorer is in one region. */
const costExplorer = clientOf(CostExplorerClient, { region: 'us-east-1' });
/** It tells of resources for so long. */
const days = 14;
const dayMilliseconds = 86_400_000;
const dayText = (time: number): string => new Date(time).toISOString().slice(0, 10);

function usageOf(now: number): GetCostAndUsageWithResourcesCommand {
  return new GetCostAndUsageWithResourcesCommand({
    TimePeriod: { Start: dayText(now - (days - 1) * dayMilliseconds), End: dayText(now + dayMilliseconds) },
    ...{ Granularity: 'DAILY', Metrics: ['UsageQuantity'] },
    GroupBy: [
      { Type: 'DIMENSION', Key: 'RESOURCE_ID' },
      { Type: 'DIMENSION', Key: 'USAGE_TYPE' },
    ],
    Filter: { Dimensions: { Key: 'SERVICE', Values: ['Amazon DynamoDB'] } },
  });
}

/** Days with the sum of a kind of use. */
function lineOf(results: readonly ResultByTime[], table: TableDescription, name: string, kind: RegExp): Line {
  const isOfTable = (id: string): boolean => id === table.TableArn || id === table.TableName || id.endsWith(`/${table.TableName}`);
  return {
    name,
    points: results.map(({ TimePeriod, Groups = [] }) => ({
      at: Date.parse(TimePeriod!.Start!),
      value: Groups.filter(({ Keys = [] }) => isOfTable(Keys[0]!) && kind.test(Keys[1]!)).reduce(
        (sum, { Metrics }) => sum + Number(Metrics?.['UsageQuantity']?.Amount ?? 0),
        0,
      ),
    })),
  };
}

export function Capacity({ table }: { table: TableDescription }) {
  const t = useText(messages);
  const answer = useAnswer(async () => {
    const now = (await cloudNow()).getTime();
    const command = usageOf(now);
    const { ResultsByTime = [] } = await costExplorer().send(command);
    const lines = [
      lineOf(ResultsByTime, table, t.reads, /Read(RequestUnits|CapacityUnit)/),
      lineOf(ResultsByTime, table, t.writes, /Write(RequestUnits|CapacityUnit)/),
    ];
    return { lines, command, from: Date.parse(command.input.TimePeriod!.Start!), to: now };
  }, [table.TableName]);
  const { lines, command, from, to } = answer.value ?? {};
  const provisioned = table.ProvisionedThroughput;
  const used = lines?.some(({ points }) => points.some(({ value }) => value > 0)) ?? false;
  return (
    <>
      <Container
        header={
          <Header variant="h2" description={t.capacityText}>
            {t.capacityUsed}
          </Header>
        }
      >
        {answer.error !== undefined && <FailureAlert error={answer.error} />}
        {(provisioned?.ReadCapacityUnits ?? 0) > 0 && (
          <Box>{fill(t.provisionedAre, { reads: provisioned!.ReadCapacityUnits!, writes: provisioned!.WriteCapacityUnits! })}</Box>
        )}
        {lines && used && (
          <LineGraph lines={lines} from={from!} to={to!} steps valueText={(value) => value.toLocaleString()} label={t.capacityUsed} />
        )}
        {lines && !used && <Box color="text-body-secondary">{t.capacityNone}</Box>}
      </Container>
      {command && <FromShell actions={[{ service: 'cost-explorer', operation: 'GetCostAndUsageWithResources', command }]} />}
    </>
  );
}
