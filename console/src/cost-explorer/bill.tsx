/** The bill of a month: so far and forecast, by day, by service, by resource, line by line. */

import BarChart from '@cloudscape-design/components/bar-chart';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { fill, useText } from '../language/catalogue.ts';
import { FailureAlert } from '../resource/failure.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { cloudNow } from '../session/private-api.ts';
import { setQuery, usePlace } from '../shell/places.ts';
import { useSettings } from '../shell/settings.ts';
import { dollarsText, monthOf, monthText, type Month } from './amounts.ts';
import { monthOfCost, sharesOf, type MonthOfCost } from './costs.ts';
import { messages } from './messages.ts';
import { LinesTable, ResourcesTable, ServicesTable } from './shares.tsx';

const monthsBack = 12;

export function Bill() {
  const t = useText(messages);
  const { query } = usePlace();
  const asked = query.get('month') ?? '';
  const answer = useAnswer(async () => {
    const now = await cloudNow();
    const months = Array.from({ length: monthsBack }, (_, back) => monthOf(now, back));
    const month = months.find(({ id }) => id === asked) ?? months[0]!;
    const before = monthOf(new Date(month.start), 1);
    const [cost, last] = await Promise.all([monthOfCost(month, now), sharesOf(before, ['RECORD_TYPE'])]);
    return { now, months, month, cost, last: last[0]?.amount ?? '0' };
  }, [asked]);
  const { value, error } = answer;
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={t.billText} actions={value && <Months months={value.months} month={value.month} />}>
          {t.bill}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {error !== undefined && <FailureAlert error={error} />}
        {value && <Figures cost={value.cost} last={value.last} isOver={value.month.id !== value.months[0]!.id} />}
        {value && <Days cost={value.cost} />}
        {value && <Parts month={value.month} now={value.now} />}
      </SpaceBetween>
    </ContentLayout>
  );
}

function Months({ months, month }: { months: readonly Month[]; month: Month }) {
  const t = useText(messages);
  const { language } = useSettings();
  const option = (each: Month) => ({ value: each.id, label: monthText(each, language) });
  return (
    <FormField label={t.month}>
      <Select
        selectedOption={option(month)}
        options={months.map(option)}
        onChange={({ detail }) => setQuery({ month: detail.selectedOption.value })}
      />
    </FormField>
  );
}

function Figures({ cost, last, isOver }: { cost: MonthOfCost; last: string; isOver: boolean }) {
  const t = useText(messages);
  const big = (text: string) => (
    <Box variant="awsui-value-large" data-testid="figure">
      {text}
    </Box>
  );
  return (
    <Container>
      <KeyValuePairs
        columns={3}
        items={[
          { label: isOver ? t.total : t.soFar, value: big(dollarsText(cost.total)) },
          ...(isOver
            ? []
            : [{ label: t.forecast, value: cost.forecast === undefined ? t.forecastLater : big(dollarsText(cost.forecast)) }]),
          { label: t.lastMonth, value: big(dollarsText(last)) },
        ]}
      />
    </Container>
  );
}

function Days({ cost }: { cost: MonthOfCost }) {
  const t = useText(messages);
  const days = cost.days.map(({ day, amount }) => ({ x: day.slice(-2), y: Number(amount) }));
  const most = Math.max(...days.map(({ y }) => y));
  return (
    <Container header={<Header variant="h2">{t.byDay}</Header>}>
      <BarChart
        series={[{ type: 'bar', title: t.cost, data: days, valueFormatter: (value) => dollarsText(String(value)) }]}
        xDomain={days.map(({ x }) => x)}
        yDomain={[0, most > 0 ? most * 1.1 : 1]}
        i18nStrings={{ yTickFormatter: (value) => dollarsText(String(value)) }}
        ariaLabel={t.byDay}
        height={160}
        hideFilter
        hideLegend
        empty={t.noDays}
      />
    </Container>
  );
}

function Parts({ month, now }: { month: Month; now: Date }) {
  const t = useText(messages);
  const { query } = usePlace();
  const service = query.get('service') ?? undefined;
  const tabs = [
    { id: 'services', label: t.byService, content: <ServicesTable month={month} /> },
    { id: 'resources', label: t.byResource, content: <ResourcesTable month={month} now={now} /> },
    {
      id: 'lines',
      label: service === undefined ? t.lines : fill(t.of, { service }),
      content: <LinesTable month={month} service={service} />,
    },
  ];
  const tab = query.get('tab') ?? '';
  return (
    <Tabs
      activeTabId={tabs.some(({ id }) => id === tab) ? tab : 'services'}
      onChange={({ detail }) => setQuery({ tab: detail.activeTabId, service: undefined })}
      tabs={tabs}
    />
  );
}
