import { done, expectFailure, expectInvalid } from '../answers.ts';
import type { Api } from '../api.ts';
import { ACCOUNTS, pod, PODS } from '../objects.ts';
import type { Cases } from '../suite.ts';
import { anyText, at, containing, matching, textAt, withItems } from '../values.ts';

const TOKEN = `${ACCOUNTS}/default/token`;
const REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';
const ISSUER = 'https://kubernetes.default.svc.cluster.local';

const issue = async (api: Api, spec: object): Promise<unknown> => done(api, `POST ${TOKEN}`, { spec });
const tokenOf = async (api: Api, spec: object) => textAt(await issue(api, spec), 'status.token');
const review = async (api: Api, spec: object) => at(await done(api, `POST ${REVIEWS}`, { spec }), 'status');
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

function invalid(spec: object, message: string) {
  return async (api: Api) => {
    const problem = { reason: 'FieldValueInvalid', message, field: 'spec.expirationSeconds' };
    expectInvalid(await api.call(`POST ${TOKEN}`, { spec }), 'authentication.k8s.io', 'TokenRequest', '', problem);
  };
}

export const tokens: Cases = {
  'a token is for the audiences and the time that were asked for': async (api) => {
    const { status, body } = await api.call(`POST ${TOKEN}`, {
      spec: { audiences: ['api://x'], expirationSeconds: 700 },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name: 'default', namespace: api.namespace, uid: anyText, creationTimestamp: anyText },
      spec: { audiences: ['api://x'], expirationSeconds: 700, boundObjectRef: null },
      status: { token: matching(/^[\w-]+\.[\w-]+\.[\w-]+$/), expirationTimestamp: matching(/^[-\dT:]+Z$/) },
    });
  },
  'its claims say whose it is, for whom, and until when': async (api) => {
    const account = await done(api, `GET ${ACCOUNTS}/default`);
    const issued = await issue(api, { audiences: ['api://x'], expirationSeconds: 700 });
    const claims = claimsOf(textAt(issued, 'status.token'));
    expect(claims).toEqual({
      aud: ['api://x'],
      exp: Date.parse(textAt(issued, 'status.expirationTimestamp')) / 1000,
      iat: Number(claims.exp) - 700,
      nbf: claims.iat,
      iss: ISSUER,
      jti: anyText,
      'kubernetes.io': {
        namespace: api.namespace,
        serviceaccount: { name: 'default', uid: at(account, 'metadata.uid') },
      },
      sub: `system:serviceaccount:${api.namespace}:default`,
    });
  },
  'whose issuer that is can be asked': async (api) => {
    expect(await done(api, 'GET /.well-known/openid-configuration')).toEqual({
      issuer: ISSUER,
      jwks_uri: matching(/^https:\/\/\S+\/openid\/v1\/jwks$/),
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    });
  },
  'who asks for nothing gets the audience of the server and an hour': async (api) => {
    const issued = await issue(api, {});
    expect(at(issued, 'spec')).toEqual({ audiences: [ISSUER], expirationSeconds: 3600, boundObjectRef: null });
    expect(claimsOf(textAt(issued, 'status.token')).aud).toEqual([ISSUER]);
  },
  'a token can be bound to a pod': async (api) => {
    const made = await done(api, `POST ${PODS}`, pod('p'));
    const uid = textAt(made, 'metadata.uid');
    const token = await tokenOf(api, { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'p', uid } });
    expect(claimsOf(token)['kubernetes.io']).toMatchObject({ pod: { name: 'p', uid } });
  },
  'a pod that is not there binds nothing': async (api) => {
    const spec = { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'none' } };
    expectFailure(await api.call(`POST ${TOKEN}`, { spec }), 404, 'NotFound', 'pods "none" not found', {
      name: 'none',
      kind: 'pods',
    });
  },
  'an account that is not there has no token': async (api) => {
    const reply = await api.call(`POST ${ACCOUNTS}/none/token`, { spec: {} });
    expectFailure(reply, 404, 'NotFound', 'serviceaccounts "none" not found', {
      name: 'none',
      kind: 'serviceaccounts',
    });
  },
  'a token lives ten minutes at least': invalid(
    { expirationSeconds: 60 },
    'Invalid value: 60: may not specify a duration less than 10 minutes',
  ),
  'a token does not live for ages': invalid(
    { expirationSeconds: 6_000_000_000 },
    'Invalid value: 6000000000: may not specify a duration larger than 2^32 seconds',
  ),
  'a token can only be asked for': async (api) => {
    const why = 'the server does not allow this method on the requested resource';
    expectFailure(await api.call(`GET ${TOKEN}`), 405, 'MethodNotAllowed', why, {});
  },
  'a review recognises a token for its audience': async (api) => {
    const token = await tokenOf(api, { audiences: ['api://x'] });
    const status = await review(api, { token, audiences: ['api://x', 'other'] });
    expect(status).toMatchObject({
      authenticated: true,
      audiences: ['api://x'],
      user: {
        username: `system:serviceaccount:${api.namespace}:default`,
        uid: anyText,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${api.namespace}`, 'system:authenticated'],
      },
    });
  },
  'a review without audiences is for that of the server': async (api) => {
    expect(await review(api, { token: await tokenOf(api, {}) })).toMatchObject({
      authenticated: true,
      audiences: [ISSUER],
    });
  },
  'a review for another audience recognises nothing': async (api) => {
    const token = await tokenOf(api, { audiences: ['api://x'] });
    const status = await review(api, { token, audiences: ['other'] });
    expect(status).not.toHaveProperty('authenticated');
    const why = 'token audiences ["api://x"] is invalid for the target audiences ["other"]';
    expect(status).toEqual({ user: {}, error: containing(why) });
  },
  'a review of nonsense recognises nothing': async (api) => {
    expect(await review(api, { token: 'a.b.c' })).toEqual({ user: {}, error: 'invalid bearer token' });
  },
  'a review of a token whose account has gone recognises nothing': async (api) => {
    await done(api, `POST ${ACCOUNTS}`, { metadata: { name: 'brief' } });
    const token = textAt(await done(api, `POST ${ACCOUNTS}/brief/token`, { spec: {} }), 'status.token');
    await done(api, `DELETE ${ACCOUNTS}/brief`);
    // whoever reviews looks at a cache that may be behind
    const after = await api.until(`POST ${REVIEWS}`, ({ body }) => at(body, 'status.error') !== undefined, {
      spec: { token },
    });
    expect(at(after.body, 'status')).toEqual({ user: {}, error: containing('invalid bearer token') });
  },
  'a review without a token is refused': async (api) => {
    const reply = await api.call(`POST ${REVIEWS}`, { spec: {} });
    expectFailure(reply, 400, 'BadRequest', 'token is required for TokenReview in authentication');
  },
  'who may do everything is told so': async (api) => {
    const spec = { resourceAttributes: { verb: 'get', resource: 'pods' } };
    const review = await done(api, 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec });
    expect(review).toMatchObject({ kind: 'SelfSubjectAccessReview', spec, status: { allowed: true } });
  },
  'the caller is told who it is': async (api) => {
    const self = await done(api, 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews', {});
    expect(self).toMatchObject({
      kind: 'SelfSubjectReview',
      status: { userInfo: { username: anyText, groups: withItems('system:masters', 'system:authenticated') } },
    });
  },
};
