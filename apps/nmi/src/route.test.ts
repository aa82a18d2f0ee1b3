import fc from 'fast-check';
import { canonicalPath } from './canonical-path.ts';
import { type Route, routeOf } from './route.ts';

const RULES = {
  blockInstanceMetadata: false,
  metadataPaths: ['instance', 'versions', 'attested', 'loadbalancer', 'scheduledevents'],
};

const TOKEN: Route = { name: 'token' };
const metadata = (path: string): Route => ({ name: 'metadata', path });
const refused = (because: Extract<Route, { name: 'refused' }>['because']): Route => ({ name: 'refused', because });

describe('routeOf', () => {
  it.each<[sentence: string, path: string, route: Route]>([
    ['the token path', '/metadata/identity/oauth2/token', TOKEN],
    ['the token path with a slash at its end', '/metadata/identity/oauth2/token/', TOKEN],
    ['a path under the token path', '/metadata/identity/oauth2/token/x', TOKEN],
    ['metadata in any case', '/MetaData/identity/oauth2/token', TOKEN],
    ['two slashes first, as one Java client sends', '//metadata/identity/oauth2/token', TOKEN],
    ['an encoded letter that means the token path', '/metadata/identity/oauth2/%74oken', TOKEN],
    ['dot segments that mean the token path', '/x/../metadata/./identity/oauth2/token', TOKEN],
    ['the token path in other capitals', '/metadata/Identity/oauth2/token', refused('identityPath')],
    ['a path under the token path in disguise', '/metadata/identity/oauth2//token/x', refused('lookAlike')],
    ['a way out of the token path', '/metadata/identity/oauth2/token/../../credential', refused('lookAlike')],
    ['backslashes, capitals', '/metadata\\Identity\\oauth2\\token', refused('lookAlike')],
    ['backslashes that mean the token path', '\\metadata/identity', refused('lookAlike')],
    ['an encoded slash before another path', '/metadata%2fidentity%2fcredential', refused('lookAlike')],
    ['an encoded backslash', '/metadata%5cidentity%5ccredential', refused('lookAlike')],
    ['an encoding of an encoding', '/metadata/%2569dentity/credential', refused('lookAlike')],
    ['a half encoding', '/metadata/identity%/oauth2/token', refused('lookAlike')],
    ['the other percent encoding', '/metadata%u002fidentity/oauth2/token', refused('lookAlike')],
    ['a path parameter', '/metadata/identity;x=1/oauth2/token', refused('lookAlike')],
    ['a dot at the end of a segment', '/metadata/identity./oauth2/token', refused('lookAlike')],
    ['three dots', '/metadata/.../identity/oauth2/token', refused('lookAlike')],
    ['a zero byte', '/metadata/identity%00/oauth2/token', refused('lookAlike')],
    ['an overlong slash', '/metadata%c0%afidentity/oauth2/token', refused('lookAlike')],
    ['an encoded question mark', '/metadata/instance%3fx=1', refused('lookAlike')],
    ['a space', '/metadata/identity%20/oauth2/token', refused('lookAlike')],
    ['a whole URI', 'http://169.254.169.254/metadata/identity/oauth2/token', refused('lookAlike')],
    ['an asterisk', '*', refused('lookAlike')],
    ['nothing', '', refused('lookAlike')],
    ['platform metadata', '/metadata/identity/getplatformmetadata', refused('noPlatformMetadata')],
    ['platform metadata in capitals', '/metadata/identity/GetPlatformMetadata', refused('noPlatformMetadata')],
    ['platform metadata in disguise', '/metadata//identity/getplatformmetadata', refused('lookAlike')],
    ['the credential path', '/metadata/identity/credential', refused('identityPath')],
    ['the info path', '/metadata/identity/info', refused('identityPath')],
    ['identity itself', '/metadata/identity', refused('identityPath')],
    ['identity with a slash', '/metadata/identity/', refused('identityPath')],
    ['instance metadata', '/metadata/instance', metadata('/metadata/instance')],
    ['instance metadata below', '/metadata/instance/compute/vmId', metadata('/metadata/instance/compute/vmId')],
    ['instance metadata in any case', '/Metadata/INSTANCE/Compute', metadata('/metadata/instance/Compute')],
    ['instance metadata in another spelling', '/x/..//metadata/%69nstance/', metadata('/metadata/instance/')],
    ['versions', '/metadata/versions', metadata('/metadata/versions')],
    ['attested data', '/metadata/attested/document', metadata('/metadata/attested/document')],
    ['the load balancer', '/metadata/loadbalancer', metadata('/metadata/loadbalancer')],
    ['scheduled events', '/metadata/scheduledevents', metadata('/metadata/scheduledevents')],
    ['a name that only begins like an allowed one', '/metadata/instances', refused('notAllowed')],
    ['metadata that is not listed', '/metadata/vault', refused('notAllowed')],
    ['metadata itself', '/metadata', refused('notAllowed')],
    ['the root', '/', refused('notAllowed')],
    ['anything else', '/machine/plugins', refused('notAllowed')],
    ['the token path of the host', '/host/token/', { name: 'hostToken' }],
    ['the probe', '/nmi-probe', { name: 'probe' }],
  ])('takes %s', (_, path, route) => {
    expect(routeOf('GET', path, RULES)).toEqual(route);
  });

  it.each<[sentence: string, method: string, path: string, route: Route]>([
    ['a token path with another method', 'POST', '/metadata/identity/oauth2/token', refused('notGet')],
    ['a credential', 'POST', '/metadata/identity/issuecredential', refused('identityPath')],
    ['an approval of an event', 'POST', '/metadata/scheduledevents', refused('notAllowed')],
    ['a head of metadata', 'HEAD', '/metadata/instance', refused('notAllowed')],
  ])('refuses %s', (_, method, path, route) => {
    expect(routeOf(method, path, RULES)).toEqual(route);
  });

  it.each<[path: string, route: Route]>([
    ['/metadata/instance', refused('instanceBlocked')],
    ['/METADATA/Instance/compute', refused('instanceBlocked')],
    ['/metadata//instance', refused('instanceBlocked')],
    ['/metadata/versions', metadata('/metadata/versions')],
    ['/metadata/identity/oauth2/token', TOKEN],
  ])('takes %s when instance metadata is blocked', (path, route) => {
    expect(routeOf('GET', path, { ...RULES, blockInstanceMetadata: true })).toEqual(route);
  });

  it('forwards nothing but allowed paths, whatever is sent', () => {
    const pieces = ['metadata', 'Identity', 'identity', 'oauth2', 'token', 'instance', 'versions', 'credential', 'x'];
    const joints = [
      '/',
      '\\',
      '//',
      '%2f',
      '%5C',
      '%252f',
      '%25252F',
      '/./',
      '/../',
      '/%2e%2E/',
      '.',
      ';',
      '?',
      '%',
      '%00',
      '',
    ];
    const path = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.constantFrom(...joints), fc.string({ maxLength: 2 })), {
        maxLength: 12,
      })
      .map((parts) => `/${parts.join('')}`);
    fc.assert(
      fc.property(path, (target) => {
        const route = routeOf('GET', target, RULES);
        if (route.name !== 'metadata') return;
        expect(route.path).toMatch(
          /^\/metadata\/(instance|versions|attested|loadbalancer|scheduledevents)(\/[\w.~-]+)*\/?$/,
        );
        expect(canonicalPath(route.path)).toEqual({ path: route.path, asSent: true });
      }),
      { numRuns: 20_000 },
    );
  });
});
