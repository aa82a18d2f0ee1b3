export { type LoggerOptions, createLogger } from './create-logger.ts';
export {
  type Endpoint,
  type EndpointAnswer,
  type HttpEndpoints,
  type HttpEndpointsOptions,
  startHttpEndpoints,
} from './http-endpoints.ts';
export { type Logger, type LogFields, silentLogger } from './logger.ts';
export { type Metrics, type MetricOptions, type MetricsOptions, type Sample, createMetrics } from './metrics.ts';
