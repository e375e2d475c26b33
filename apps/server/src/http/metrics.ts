import type { XmlReader } from '@latchkey/saml';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the server counts, for Prometheus at /metrics. */
export interface Metrics {
  readonly registry: Registry;
  readonly requests: Histogram<'route' | 'status'>;
  /** SAML messages received; with `samlParses` it shows that each was parsed once. */
  readonly samlMessages: Counter<'message'>;
  readonly samlParses: Counter;
  readonly signIns: Counter<'outcome' | 'reason'>;
  readonly enrollments: Counter<'outcome' | 'reason'>;
  readonly refusals: Counter<'reason'>;
  readonly gatewayDecisions: Counter<'outcome' | 'reason'>;
  readonly draining: Gauge;
  /** Tells when the TLS certificate ends, in milliseconds since 1970. */
  readonly watchCertificate: (end: () => number) => void;
  /** Tells how long each of these tokens is still good; they are asked for at each scrape. */
  readonly watchDeviceTokens: (
    list: () => Promise<readonly { readonly id: string; readonly organizationId: string; readonly expiresAt: number }[]>,
    now: () => number,
  ) => void;
  /** A reader that counts each parse. */
  readonly counting: (read: XmlReader) => XmlReader;
}

export const createMetrics = (): Metrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const samlParses = new Counter({ name: 'latchkey_saml_parses_total', help: 'XML documents parsed.', registers });
  return {
    registry,
    requests: new Histogram({
      name: 'latchkey_http_request_seconds',
      help: 'Time from a request to its answer.',
      labelNames: ['route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
    samlMessages: new Counter({
      name: 'latchkey_saml_messages_total',
      help: 'SAML messages received.',
      labelNames: ['message'],
      registers,
    }),
    samlParses,
    signIns: new Counter({
      name: 'latchkey_sign_ins_total',
      help: 'Sign-ins decided.',
      labelNames: ['outcome', 'reason'],
      registers,
    }),
    enrollments: new Counter({
      name: 'latchkey_enrollments_total',
      help: 'Enrollments decided.',
      labelNames: ['outcome', 'reason'],
      registers,
    }),
    refusals: new Counter({
      name: 'latchkey_refusals_total',
      help: 'Requests refused before any device or key was proven; these are counted, not audited.',
      labelNames: ['reason'],
      registers,
    }),
    gatewayDecisions: new Counter({
      name: 'latchkey_gateway_decisions_total',
      help: 'Requests to sites behind the gateway that were judged.',
      labelNames: ['outcome', 'reason'],
      registers,
    }),
    draining: new Gauge({ name: 'latchkey_draining', help: '1 while the server finishes its last requests.', registers }),
    watchCertificate: (end) => {
      new Gauge({
        name: 'latchkey_tls_certificate_end_seconds',
        help: 'When the TLS certificate ends, as seconds since 1970.',
        registers,
        collect() {
          this.set(end() / 1000);
        },
      });
    },
    watchDeviceTokens: (list, now) => {
      new Gauge({
        name: 'latchkey_device_token_expiry_seconds',
        help: 'Seconds until a live device token expires; only of those that do so within 14 days.',
        labelNames: ['organization', 'token'],
        registers,
        async collect() {
          this.reset();
          for (const token of await list().catch(() => [])) {
            this.set({ organization: token.organizationId, token: token.id }, Math.round((token.expiresAt - now()) / 1000));
          }
        },
      });
    },
    counting: (read) => (text) => {
      samlParses.inc();
      return read(text);
    },
  };
};
