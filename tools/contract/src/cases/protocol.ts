import { done, expectFailure } from '../answers.ts';
import type { Api } from '../api.ts';
import { CONFIG_MAPS, configMap, PODS } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, containing } from '../values.ts';
const NOT_FOUND = 'the server could not find the requested resource';
const NOT_ALLOWED = 'the server does not allow this method on the requested resource';

const fails =
  (code: number, reason: string, message: string, ...orders: string[]) =>
  async (api: Api) => {
    for (const order of orders) expectFailure(await api.call(order), code, reason, message, {});
  };

export const protocol: Cases = {
  'a resource that is not there is answered 404': fails(
    404,
    'NotFound',
    NOT_FOUND,
    'GET /api/v1/nopes',
    'GET /api/v1/@/nopes/x',
    'GET /apis/apps/v1/nopes',
    'GET /api/v1/pods/x',
  ),
  'a part of an object that is not there is answered 404': fails(
    404,
    'NotFound',
    NOT_FOUND,
    'GET /api/v1/@/pods/x/nope',
    'GET /api/v1/@/configmaps/x/status',
  ),
  'a path that leads nowhere is answered 404 in plain text': async (api) => {
    for (const path of ['/nope', '/apis/nope.example.com', '/apis/nope.example.com/v1']) {
      const { status, headers, body } = await api.call(`GET ${path}`);
      expect([status, headers['content-type'], body]).toEqual([
        404,
        'text/plain; charset=utf-8',
        '404 page not found\n',
      ]);
    }
  },
  'an object that is not there is answered 404 with its name': async (api) => {
    const details = { name: 'none', kind: 'pods' };
    expectFailure(await api.call(`GET ${PODS}/none`), 404, 'NotFound', 'pods "none" not found', details);
    expectFailure(await api.call(`GET ${PODS}/none/status`), 404, 'NotFound', 'pods "none" not found', details);
  },
  'a method that does not fit is answered 405': fails(
    405,
    'MethodNotAllowed',
    NOT_ALLOWED,
    'PUT /api/v1/@/pods',
    'PATCH /api/v1/nodes',
    'POST /api/v1/@/pods/x',
    'DELETE /api/v1/@/pods/x/status',
    'GET /apis/authentication.k8s.io/v1/tokenreviews',
    'DELETE /api/v1/namespaces',
  ),
  'a form that the server does not have is answered 406': async (api) => {
    const reply = await api.call(`GET ${PODS}`, undefined, { accept: 'text/html' });
    const forms =
      'application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';
    expectFailure(reply, 406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${forms}`, {});
  },
  'any form means JSON': async (api) => {
    const { headers } = await api.call(`GET ${CONFIG_MAPS}`, undefined, { accept: '*/*' });
    expect(headers['content-type']).toBe('application/json');
  },
  'the server says that it is well': async (api) => {
    for (const path of ['/healthz', '/livez', '/readyz']) {
      const { status, headers, body } = await api.call(`GET ${path}`);
      expect([status, headers['content-type'], body]).toEqual([200, 'text/plain; charset=utf-8', 'ok']);
    }
  },
  'the server says which release it is': async (api) => {
    expect(await done(api, 'GET /version')).toMatchObject({
      major: '1',
      minor: anyText,
      gitVersion: containing('v1.'),
      platform: anyText,
    });
  },
  'HEAD is no way to read': async (api) => {
    await done(api, `POST ${CONFIG_MAPS}`, configMap('a'));
    expect((await api.call(`HEAD ${CONFIG_MAPS}/a`)).status).toBe(405);
  },
};
