import { NmiError } from './errors.ts';
import { readTokenRequest, requireMetadataHeaders, type Selector } from './token-request.ts';

describe('readTokenRequest', () => {
  it.each<[sentence: string, query: string, resource: string, selector: Selector]>([
    ['nothing but a resource', 'resource=https%3A%2F%2Fx%2F', 'https://x/', { by: 'any' }],
    ['a resource that is not encoded', 'api-version=1&resource=https://x/', 'https://x/', { by: 'any' }],
    ['a client id', 'resource=r&client_id=C', 'r', { by: 'clientId', id: 'C' }],
    ['an object id', 'resource=r&object_id=O', 'r', { by: 'objectId', id: 'O' }],
    ['a resource id', 'resource=r&msi_res_id=/s', 'r', { by: 'resourceId', id: '/s' }],
    ['a resource id under its second name', 'resource=r&mi_res_id=/s', 'r', { by: 'resourceId', id: '/s' }],
    ['a resource id under its third name', 'resource=r&msi-res-id=/s', 'r', { by: 'resourceId', id: '/s' }],
    ['msi_res_id before mi_res_id', 'mi_res_id=/b&resource=r&msi_res_id=/a', 'r', { by: 'resourceId', id: '/a' }],
    ['an empty selector as none', 'resource=r&client_id=&object_id=O', 'r', { by: 'objectId', id: 'O' }],
    ['the same value twice', 'resource=r&resource=r&client_id=C&client_id=C', 'r', { by: 'clientId', id: 'C' }],
  ])('takes %s', (_, query, resource, selector) => {
    expect(readTokenRequest(query)).toEqual({ resource, selector });
  });

  it.each<[sentence: string, query: string, code: string]>([
    ['no query', '', 'resourceEmpty'],
    ['no resource', 'client_id=C', 'resourceEmpty'],
    ['an empty resource', 'resource=', 'resourceEmpty'],
    ['a blank resource', 'resource=%20', 'resourceEmpty'],
    ['two resources', 'resource=a&resource=b', 'badParameters'],
    ['two client ids', 'resource=r&client_id=a&client_id=b', 'badParameters'],
    ['a client id and a resource id', 'resource=r&client_id=a&mi_res_id=b', 'badParameters'],
    ['a client id and an object id', 'resource=r&client_id=a&object_id=a', 'badParameters'],
  ])('refuses %s', (_, query, code) => {
    expect(() => readTokenRequest(query)).toThrow(expect.objectContaining({ code }) as NmiError);
  });
});

describe('requireMetadataHeaders', () => {
  const code = (headers: Record<string, string>, required = true): string | undefined => {
    try {
      requireMetadataHeaders(headers, required);
      return undefined;
    } catch (error) {
      return (error as NmiError).code;
    }
  };

  it.each<[sentence: string, headers: Record<string, string>, code: string | undefined]>([
    ['the header', { metadata: 'true' }, undefined],
    ['no header', {}, 'headerRequired'],
    ['another value', { metadata: 'True' }, 'headerRequired'],
    ['the metadata address as host', { metadata: 'true', host: '169.254.169.254' }, undefined],
    ['an address with a port', { metadata: 'true', host: '127.0.0.1:2579' }, undefined],
    ['an IPv6 address with a port', { metadata: 'true', host: '[fd00::1]:80' }, undefined],
    ['localhost', { metadata: 'true', host: 'localhost:2579' }, undefined],
    ['a name', { metadata: 'true', host: 'rebound.example.com' }, 'hostNotAllowed'],
    ['a name that begins like an address', { metadata: 'true', host: '169.254.169.254.example.com' }, 'hostNotAllowed'],
    ['a proxy’s header', { metadata: 'true', 'x-forwarded-for': '' }, 'forwarded'],
  ])('%s', (_, headers, expected) => {
    expect(code(headers)).toBe(expected);
  });

  it('does without the header where that is configured', () => {
    expect([code({}, false), code({ 'x-forwarded-for': 'a' }, false)]).toEqual([undefined, 'forwarded']);
  });
});
