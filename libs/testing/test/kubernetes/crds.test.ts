import { type KubernetesSimulator, startKubernetesSimulator } from '../../src/kubernetes/index.ts';
import { recordAt } from '../../src/kubernetes/json.ts';
import { call, MERGE, openWatch, patch } from './call.ts';
import { CRDS, WIDGETS, widget, widgetCrd } from './samples.ts';
import { anyText } from './matchers.ts';

describe('custom resource definitions', () => {
  let simulator: KubernetesSimulator;

  beforeEach(async () => {
    simulator = await startKubernetesSimulator();
  });
  afterEach(() => simulator.close());

  it('are served as soon as they are created, and in discovery', async () => {
    expect((await call(simulator, `GET ${WIDGETS}`)).status).toBe(404);
    expect((await call(simulator, `POST ${CRDS}`, widgetCrd())).status).toBe(201);
    expect((await call(simulator, `POST ${WIDGETS}`, widget('w'))).status).toBe(201);
    const { body } = await call(simulator, 'GET /apis/example.com/v1');
    expect(body.resources).toMatchObject([
      { name: 'widgets', kind: 'Widget', shortNames: ['wd'] },
      { name: 'widgets/status' },
    ]);
  });

  it('become established after they were created', async () => {
    const { body } = await call(simulator, `POST ${CRDS}`, widgetCrd());
    const watch = await openWatch(
      simulator,
      `${CRDS}?watch=1&resourceVersion=${String(recordAt(body, 'metadata').resourceVersion)}`,
    );
    expect((await watch.next())?.object.status).toMatchObject({
      conditions: [
        { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts' },
        { type: 'Established', status: 'True', reason: 'InitialNamesAccepted' },
      ],
      acceptedNames: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      storedVersions: ['v1'],
    });
    watch.close();
  });

  it('take their objects with them when they are deleted', async () => {
    await call(simulator, `POST ${CRDS}`, widgetCrd());
    await call(simulator, `POST ${WIDGETS}`, {
      ...widget('w'),
      metadata: { name: 'w', finalizers: ['example.com/hold'] },
    });
    await call(simulator, `DELETE ${CRDS}/widgets.example.com`);
    const waiting = await call(simulator, `GET ${CRDS}/widgets.example.com`);
    expect(recordAt(waiting.body, 'metadata')).toMatchObject({
      deletionTimestamp: anyText,
      finalizers: ['customresourcecleanup.apiextensions.k8s.io'],
    });
    await patch(simulator, `${WIDGETS}/w`, MERGE, { metadata: { finalizers: null } });
    expect((await call(simulator, `GET ${CRDS}/widgets.example.com`)).status).toBe(404);
    expect((await call(simulator, `GET ${WIDGETS}`)).status).toBe(404);
  });

  it.each<[string, (crd: ReturnType<typeof widgetCrd>) => object, string]>([
    [
      'a name that does not fit',
      (crd) => ({ ...crd, metadata: { name: 'x' } }),
      'must be spec.names.plural+"."+spec.group',
    ],
    [
      'no schema',
      (crd) => ({ ...crd, spec: { ...crd.spec, versions: [{ name: 'v1', served: true, storage: true }] } }),
      'spec.versions[0].schema.openAPIV3Schema: Required value',
    ],
    [
      'no version to store',
      (crd) => ({ ...crd, spec: { ...crd.spec, versions: [] } }),
      'must have exactly one version marked as storage version',
    ],
    [
      'a field without a type',
      (crd) => ({
        ...crd,
        spec: {
          ...crd.spec,
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: { openAPIV3Schema: { type: 'object', properties: { a: {} } } },
            },
          ],
        },
      }),
      'properties[a].type: Required value: must not be empty for specified object fields',
    ],
  ])('are refused with %s', async (_what, change, message) => {
    const { status, body } = await call(simulator, `POST ${CRDS}`, change(widgetCrd()));
    expect(status).toBe(422);
    expect(body.message).toContain(message);
  });
});
