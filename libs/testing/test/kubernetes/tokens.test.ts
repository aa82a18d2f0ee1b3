import { fakeClock } from '../../src/index.ts';
import { type KubernetesSimulator, startKubernetesSimulator } from '../../src/kubernetes/index.ts';
import { recordAt, stringAt } from '../../src/kubernetes/json.ts';
import { call } from './call.ts';
import { withItems } from './matchers.ts';

const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts';
const REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';

describe('service account tokens', () => {
  const clock = fakeClock();
  let simulator: KubernetesSimulator;

  beforeEach(async () => {
    simulator = await startKubernetesSimulator({ clock });
  });
  afterEach(() => simulator.close());

  const request = (spec: object, account = 'default') => call(simulator, `POST ${ACCOUNTS}/${account}/token`, { spec });
  const issue = async (spec: object): Promise<string> => stringAt((await request(spec)).body, 'status', 'token');
  const review = async (spec: object) => recordAt((await call(simulator, `POST ${REVIEWS}`, { spec })).body, 'status');

  it('say whose they are, for whom and until when', async () => {
    const { status, body } = await request({ audiences: ['api://x'], expirationSeconds: 700 });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: 'TokenRequest',
      spec: { audiences: ['api://x'], expirationSeconds: 700 },
      status: { expirationTimestamp: new Date(clock.now() + 700_000).toISOString().replace('.000', '') },
    });
    const [, claims = ''] = stringAt(body, 'status', 'token').split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      sub: 'system:serviceaccount:default:default',
      aud: ['api://x'],
      exp: clock.now() / 1000 + 700,
      'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'default' } },
    });
  });

  it.each<[string, string, object, number]>([
    ['of an account that is not there', 'none', {}, 404],
    ['that live shorter than ten minutes', 'default', { expirationSeconds: 60 }, 422],
  ])('are refused %s', async (_what, account, spec, status) => {
    expect((await request(spec, account)).status).toBe(status);
  });

  it('are recognised for their audience only', async () => {
    const token = await issue({ audiences: ['api://x'] });
    expect(await review({ token, audiences: ['api://x', 'other'] })).toMatchObject({
      authenticated: true,
      audiences: ['api://x'],
      user: {
        username: 'system:serviceaccount:default:default',
        groups: withItems('system:authenticated'),
      },
    });
    const other = await review({ token, audiences: ['other'] });
    expect(other).not.toHaveProperty('authenticated');
    expect(other.error).toContain('is invalid for the target audiences');
  });

  it('are not recognised when expired, foreign, or of an account that has gone', async () => {
    const token = await issue({});
    expect(await review({ token: 'a.b.c' })).toMatchObject({ error: 'invalid bearer token' });
    simulator.state.delete('v1', 'ServiceAccount', 'default', 'default');
    expect((await review({ token })).error).toContain('has been invalidated');
    await clock.advance(3_700_000);
    expect((await review({ token })).error).toContain('has expired');
  });

  it.each(['SelfSubjectAccessReview', 'SubjectAccessReview'])('%s allows everything', async (kind) => {
    const path = `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`;
    const { status, body } = await call(simulator, `POST ${path}`, { spec: {} });
    expect(status).toBe(201);
    expect(body).toMatchObject({ kind, status: { allowed: true } });
  });
});
