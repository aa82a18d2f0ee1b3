import { done, expectInvalid } from '../answers.ts';
import type { Api } from '../api.ts';
import { JSON_PATCH, CRDS, MERGE } from '../objects.ts';
import {
  ASSIGNED,
  BINDINGS,
  crds,
  example,
  EXCEPTIONS,
  GROUP,
  IDENTITIES,
  IDENTITY_ID,
  installed,
  object,
} from '../our-kinds.ts';
import type { Cases } from '../suite.ts';
import { at, matching, textAt, withFields, withItems } from '../values.ts';

const withoutMeta = (sent: unknown) => {
  const { metadata: _metadata, ...rest } = sent as Record<string, unknown>;
  return rest;
};

const KEPT: Record<string, [path: string, file: string]> = {
  'the identity of the example is kept as it was written': [IDENTITIES, 'azureidentity.yaml'],
  'its binding is kept as it was written': [BINDINGS, 'azureidentitybinding.yaml'],
  'the service principal of the example is kept as it was written': [
    IDENTITIES,
    'service-principal/azureidentity.yaml',
  ],
  'its binding is kept as well': [BINDINGS, 'service-principal/azureidentitybinding.yaml'],
};

const keeps: Cases = Object.fromEntries(
  Object.entries(KEPT).map(([sentence, [path, file]]) => [
    sentence,
    async (api: Api) => {
      await installed(api);
      const { status, headers, body } = await api.call(`POST ${path}?fieldValidation=Strict`, example(file));
      expect(status).toBe(201);
      expect(headers).not.toHaveProperty('warning');
      expect(body).toMatchObject(withoutMeta(example(file)));
    },
  ]),
);

export const ours: Cases = {
  'our CRDs are taken as they are, with nothing to warn of': async (api) => {
    await installed(api);
    for (const crd of crds()) {
      const name = textAt(crd, 'metadata.name');
      const applied = await api.call(`PATCH ${CRDS}/${name}?fieldManager=helm&force=true&fieldValidation=Strict`, crd, {
        'content-type': 'application/apply-patch+yaml',
      });
      expect(applied.status).toBe(200);
      expect(applied.headers).not.toHaveProperty('warning');
      expect(applied.body).toMatchObject({
        status: {
          conditions: withItems(
            withFields({ type: 'NamesAccepted', status: 'True' }),
            withFields({ type: 'Established', status: 'True' }),
          ),
        },
      });
    }
  },
  ...keeps,
  'the pods and the secret of the examples are taken': async (api) => {
    for (const file of ['pod.yaml', 'service-principal/pod.yaml']) {
      expect((await api.call('POST /api/v1/@/pods?dryRun=All&fieldValidation=Strict', example(file))).status).toBe(201);
    }
    const secret = await done(
      api,
      'POST /api/v1/@/secrets?fieldValidation=Strict',
      example('service-principal/secret.yaml'),
    );
    expect(secret).toMatchObject(withoutMeta(example('service-principal/secret.yaml')));
  },
  'fields in any case and fields of others survive': async (api) => {
    await installed(api);
    const spec = { type: 0, ResourceID: IDENTITY_ID, clientid: 'y', futureField: { a: [1] } };
    expect(at(await done(api, `POST ${IDENTITIES}`, object('AzureIdentity', 'i', spec)), 'spec')).toEqual(spec);
  },
  'an identity has one of three types': async (api) => {
    await installed(api);
    const problem = (message: string) => ({ reason: 'FieldValueInvalid', message, field: 'spec.type' });
    const reply = await api.call(`POST ${IDENTITIES}`, object('AzureIdentity', 'i', { type: 3 }));
    expectInvalid(
      reply,
      GROUP,
      'AzureIdentity',
      'i',
      problem('Invalid value: 3: spec.type in body should be less than or equal to 2'),
    );
    const text = await api.call(`POST ${IDENTITIES}`, object('AzureIdentity', 'i', { type: '0' }));
    expect(text.status).toBe(422);
  },
  'an identity may have lists that are null': async (api) => {
    await installed(api);
    const created = await done(
      api,
      `POST ${IDENTITIES}`,
      object('AzureIdentity', 'i', { type: 1, auxiliaryTenantIDs: null }),
    );
    expect(at(created, 'spec')).toEqual({ type: 1, auxiliaryTenantIDs: null });
  },
  'an assignment is written whole, found by its labels, and gone when it is deleted': async (api) => {
    await installed(api);
    const spec = {
      pod: 'p',
      podNamespace: api.namespace,
      nodename: 'n',
      azureIdentityRef: { metadata: { name: 'i', namespace: api.namespace }, spec: { type: 0, resourceid: '/x' } },
      azureBindingRef: { metadata: { name: 'b' }, spec: { azureidentity: 'i', selector: 's' } },
    };
    const sent = object('AzureAssignedIdentity', 'a', spec, {
      metadata: { name: 'a', labels: { node: 'n' } },
      status: { status: 'Created', availableReplicas: 1 },
    });
    const created = await done(api, `POST ${ASSIGNED}`, sent);
    expect(created).toMatchObject({ spec });
    const found = await done(api, `GET ${ASSIGNED}?labelSelector=node=n`);
    expect(at(found, 'items')).toHaveLength(1);
    await done(api, `DELETE ${ASSIGNED}/a`);
    expect((await api.call(`GET ${ASSIGNED}/a`)).status).toBe(404);
  },
  'the status of an assignment is part of it': async (api) => {
    await installed(api);
    await done(api, `POST ${ASSIGNED}`, object('AzureAssignedIdentity', 'a', { pod: 'p' }));
    const after = await done(api, `PATCH ${ASSIGNED}/a`, { status: { status: 'Assigned' } }, MERGE);
    expect(after).toMatchObject({ spec: { pod: 'p' }, status: { status: 'Assigned' } });
    expect((await api.call(`PATCH ${ASSIGNED}/a/status`, {}, MERGE)).status).toBe(404);
  },
  'the status of an identity is written on a path of its own, and leaves spec and generation alone': async (api) => {
    await installed(api);
    const created = await done(api, `POST ${IDENTITIES}`, object('AzureIdentity', 'i', { type: 0 }));
    expect(at(created, 'metadata.generation')).toBe(1);
    const ready = { type: 'Ready', status: 'True', reason: 'Assigned', observedGeneration: 1 };
    const body = { spec: { type: 1 }, status: { conditions: [ready] } };
    const after = await done(api, `PATCH ${IDENTITIES}/i/status`, body, MERGE);
    expect(after).toMatchObject({ metadata: { generation: 1 }, spec: { type: 0 }, status: { conditions: [ready] } });
    const edited = await done(api, `PATCH ${IDENTITIES}/i`, { spec: { type: 1 }, status: null }, MERGE);
    expect(edited).toMatchObject({ metadata: { generation: 2 }, spec: { type: 1 }, status: { conditions: [ready] } });
  },
  'the status of an identity is for the one that it was judged by: a JSON patch may test its uid': async (api) => {
    await installed(api);
    const { metadata } = (await done(api, `POST ${IDENTITIES}`, object('AzureIdentity', 'i', { type: 0 }))) as {
      metadata: { uid: string };
    };
    const patch = (uid: string) => [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'add', path: '/status', value: { conditions: [] } },
    ];
    const other = patch('00000000-0000-4000-8000-000000000000');
    expect((await api.call(`PATCH ${IDENTITIES}/i/status`, other, JSON_PATCH)).status).toBe(422);
    expect((await api.call(`PATCH ${IDENTITIES}/i/status`, patch(metadata.uid), JSON_PATCH)).status).toBe(200);
  },
  'what a patch of the status says of metadata is left out, a uid too': async (api) => {
    await installed(api);
    const { metadata } = (await done(api, `POST ${IDENTITIES}`, object('AzureIdentity', 'i', { type: 0 }))) as {
      metadata: { uid: string };
    };
    const other = { metadata: { uid: '00000000-0000-4000-8000-000000000000' }, status: { conditions: [] } };
    expect(await done(api, `PATCH ${IDENTITIES}/i/status`, other, MERGE)).toMatchObject({
      metadata: { uid: metadata.uid },
    });
  },
  'an exception names the labels of pods': async (api) => {
    await installed(api);
    const spec = { podLabels: { app: 'x' } };
    expect(await done(api, `POST ${EXCEPTIONS}`, object('AzurePodIdentityException', 'e', spec))).toMatchObject({
      spec,
    });
    const reply = await api.call(
      `POST ${EXCEPTIONS}`,
      object('AzurePodIdentityException', 'f', { podLabels: { app: 1 } }),
    );
    expect(reply).toMatchObject({
      status: 422,
      body: { details: { causes: [withFields({ field: 'spec.podLabels.app', reason: 'FieldValueTypeInvalid' })] } },
    });
  },
  'the columns of an identity are its type, client and age, and whether it works': async (api) => {
    await installed(api);
    await done(api, `POST ${IDENTITIES}`, object('AzureIdentity', 'i', { type: 0, clientID: 'c' }));
    const { body } = await api.call(`GET ${IDENTITIES}`, undefined, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    });
    expect((at(body, 'columnDefinitions') as { name: string }[]).map(({ name }) => name)).toEqual([
      'Name',
      'Type',
      'ClientID',
      'Age',
      'Ready',
      'Reason',
    ]);
    expect(at(body, 'rows.0.cells')).toEqual(['i', 0, 'c', matching(/^\d+s$/), null, null]);
  },
};
