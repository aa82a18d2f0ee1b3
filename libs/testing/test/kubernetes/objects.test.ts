import { type KubernetesSimulator, startKubernetesSimulator } from '../../src/kubernetes/index.ts';
import { recordAt, stringAt } from '../../src/kubernetes/json.ts';
import { call } from './call.ts';
import { CONFIG_MAPS, configMap, podObject, PODS } from './samples.ts';
import { matching } from './matchers.ts';

describe('objects over HTTP', () => {
  let simulator: KubernetesSimulator;

  beforeEach(async () => {
    simulator = await startKubernetesSimulator();
  });
  afterEach(() => simulator.close());

  it('gives a new object what only the server decides', async () => {
    const { status, body } = await call(simulator, `POST ${PODS}`, podObject('a'));
    expect(status).toBe(201);
    expect(body).toMatchObject({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'a',
        namespace: 'default',
        generation: 1,
        uid: matching(/^[0-9a-f-]{36}$/),
        resourceVersion: matching(/^\d+$/),
        creationTimestamp: matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    });
  });

  it('makes a name from generateName', async () => {
    const { body } = await call(simulator, `POST ${PODS}`, {
      ...podObject(''),
      metadata: { generateName: 'web-' },
    });
    expect(stringAt(body, 'metadata', 'name')).toMatch(/^web-[a-z0-9]{5}$/);
  });

  it.each<[string, string, unknown, number, string, string]>([
    ['no such object', `GET ${PODS}/none`, undefined, 404, 'NotFound', 'pods "none" not found'],
    [
      'no such kind',
      'GET /api/v1/nothings',
      undefined,
      404,
      'NotFound',
      'the server could not find the requested resource',
    ],
    [
      'an object that exists',
      `POST ${CONFIG_MAPS}`,
      configMap('there'),
      409,
      'AlreadyExists',
      'configmaps "there" already exists',
    ],
    [
      'no name',
      `POST ${CONFIG_MAPS}`,
      { metadata: {} },
      422,
      'Invalid',
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
    [
      'another kind',
      `POST ${CONFIG_MAPS}`,
      podObject('x'),
      400,
      'BadRequest',
      'Pod in version "v1" cannot be handled as a ConfigMap',
    ],
    [
      'another version',
      `POST ${CONFIG_MAPS}`,
      { apiVersion: 'v2', metadata: { name: 'x' } },
      400,
      'BadRequest',
      'no kind "ConfigMap" is registered for version "v2"',
    ],
    [
      'another namespace',
      `POST ${CONFIG_MAPS}`,
      { metadata: { name: 'x', namespace: 'y' } },
      400,
      'BadRequest',
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'a namespace that does not exist',
      'POST /api/v1/namespaces/nowhere/configmaps',
      configMap('x'),
      404,
      'NotFound',
      'namespaces "nowhere" not found',
    ],
    [
      'a revision on creation',
      `POST ${CONFIG_MAPS}`,
      { metadata: { name: 'x', resourceVersion: '5' } },
      500,
      '',
      'resourceVersion should not be set on objects to be created',
    ],
    [
      'another name than the path',
      `PUT ${CONFIG_MAPS}/there`,
      configMap('x'),
      400,
      'BadRequest',
      'the name of the object (x) does not match the name on the URL (there)',
    ],
    [
      'an old revision',
      `PUT ${CONFIG_MAPS}/there`,
      { metadata: { name: 'there', resourceVersion: '1' } },
      409,
      'Conflict',
      'Operation cannot be fulfilled on configmaps "there": the object has been modified; please apply your changes to the latest version and try again',
    ],
    [
      'another uid',
      `PUT ${CONFIG_MAPS}/there`,
      { metadata: { name: 'there', uid: 'u' } },
      409,
      'Conflict',
      'Precondition failed: UID in precondition: u',
    ],
    [
      'a pod without containers',
      `POST ${PODS}`,
      { metadata: { name: 'x' }, spec: {} },
      422,
      'Invalid',
      'Pod "x" is invalid: spec.containers: Required value',
    ],
    [
      'a field of a wrong type',
      `POST ${CONFIG_MAPS}`,
      { metadata: { name: 'x' }, data: 'text' },
      400,
      'BadRequest',
      'ConfigMap in version "v1" cannot be handled as a ConfigMap',
    ],
    [
      'a method that is not allowed',
      `PUT ${CONFIG_MAPS}`,
      configMap('x'),
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
    ],
    [
      'an unknown dryRun',
      `POST ${CONFIG_MAPS}?dryRun=Some`,
      configMap('x'),
      422,
      'Invalid',
      'dryRun: Unsupported value',
    ],
    ['text that is no JSON', `POST ${CONFIG_MAPS}`, '{', 400, 'BadRequest', 'json parse error'],
  ])('refuses %s with a Status', async (_what, request, body, code, reason, message) => {
    await call(simulator, `POST ${CONFIG_MAPS}`, configMap('there'));
    const reply = await call(simulator, request, body);
    expect(reply.status).toBe(code);
    expect(reply.body).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code });
    expect(reply.body.reason ?? '').toBe(reason);
    expect(reply.body.message).toContain(message);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a name with capitals', { name: 'Bad' }, 'metadata.name: Invalid value: "Bad": a lowercase RFC 1123 subdomain'],
    ['a label that is too free', { name: 'x', labels: { a: 'b c' } }, 'metadata.labels: Invalid value: "b c"'],
  ])('names the field of %s', async (_what, metadata, message) => {
    const { status, body } = await call(simulator, `POST ${CONFIG_MAPS}`, { metadata });
    expect(status).toBe(422);
    expect(body.message).toContain(message);
    expect(recordAt(body, 'details')).toMatchObject({ kind: 'ConfigMap', causes: [{ reason: 'FieldValueInvalid' }] });
  });

  it('replaces without a revision, and keeps the revision when nothing changes', async () => {
    const first = await call(simulator, `POST ${CONFIG_MAPS}`, configMap('c', { a: '1' }));
    const same = await call(simulator, `PUT ${CONFIG_MAPS}/c`, configMap('c', { a: '1' }));
    expect(same.body.metadata).toEqual(first.body.metadata);
    const other = await call(simulator, `PUT ${CONFIG_MAPS}/c`, configMap('c', { a: '2' }));
    expect(stringAt(other.body, 'metadata', 'resourceVersion')).not.toBe(
      stringAt(first.body, 'metadata', 'resourceVersion'),
    );
    expect(stringAt(other.body, 'metadata', 'uid')).toBe(stringAt(first.body, 'metadata', 'uid'));
  });

  it('shows what a dry run would do and does nothing', async () => {
    const { status, body } = await call(simulator, `POST ${CONFIG_MAPS}?dryRun=All`, configMap('dry'));
    expect(status).toBe(201);
    expect(stringAt(body, 'metadata', 'uid')).not.toBe('');
    expect((await call(simulator, `GET ${CONFIG_MAPS}/dry`)).status).toBe(404);
  });
});
