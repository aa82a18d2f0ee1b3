import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BarGaugeDisplayMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { type Panel, ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

export interface PanelOptions {
  readonly title: string;
  /** What it shows, and what follows from it: a sentence or two. */
  readonly description: string;
  /** One of Grafana's units. */
  readonly unit: string;
  /** Legend, with `{{label}}` for the value of a label -> PromQL. */
  readonly queries: Readonly<Record<string, string>>;
}

/** Whoever looks at the dashboard chooses the Prometheus. */
export const DATA_SOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

const queriesOf = (queries: PanelOptions['queries']): DataqueryBuilder[] =>
  Object.entries(queries).map(([legend, expression], index) =>
    new DataqueryBuilder()
      .refId(String.fromCharCode(65 + index))
      .expr(expression)
      .legendFormat(legend),
  );

/** Lines over time. */
export function lines({ title, description, unit, queries }: PanelOptions): TimeSeriesBuilder {
  const legend = new VizLegendOptionsBuilder().showLegend(true);
  return new TimeSeriesBuilder()
    .title(title)
    .description(description)
    .datasource(DATA_SOURCE)
    .unit(unit)
    .min(0)
    .lineWidth(1)
    .fillOpacity(10)
    .legend(legend.displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .targets(queriesOf(queries).map((query) => query.range()));
}

/** Lines over time, one on top of the other: their sum means something too. */
export const stacked = (options: PanelOptions): TimeSeriesBuilder =>
  lines(options).fillOpacity(40).stacking(new StackingConfigBuilder().mode(StackingMode.Normal));

/** Lines over time, with a yellow and a red one for values that are too high. */
export function limited(options: PanelOptions & { readonly warn: number; readonly limit: number }): TimeSeriesBuilder {
  const steps = [
    { value: null, color: 'green' },
    { value: options.warn, color: 'yellow' },
    { value: options.limit, color: 'red' },
  ];
  return lines(options)
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
}

/** One bar for each series: its value at the end of what is looked at. */
export const bars = ({ title, description, unit, queries }: PanelOptions): BarGaugeBuilder =>
  new BarGaugeBuilder()
    .title(title)
    .description(description)
    .datasource(DATA_SOURCE)
    .unit(unit)
    .min(0)
    .decimals(0)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .targets(queriesOf(queries).map((query) => query.instant()));

export type AnyPanel = Builder<Panel>;
