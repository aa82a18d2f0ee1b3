import { UsageError } from '@aad-pod-identity/runtime';
import { issuerFrom } from '../../src/plan/issuer.ts';

const URL = 'https://northeurope.oic.prod-aks.azure.com/tenant/cluster/';

it.each<[string, string]>([
  ['of AKS', URL],
  ['with a port', 'https://oidc.example.com:8443'],
  ['without a path', 'https://oidc.example.com'],
])('the cluster’s own issuer is taken, %s', (_what, url) => {
  expect(issuerFrom('', { issuer: url })).toEqual({ url, remark: undefined });
});

it.each<[string, string]>([
  ['the usual one of Kubernetes', 'https://kubernetes.default.svc.cluster.local'],
  ['a name without a domain', 'https://master:6443'],
  ['a private address', 'https://10.0.0.1/'],
  ['another private address', 'https://172.20.0.1'],
  ['plain http', 'http://oidc.example.com/'],
  ['with a quote', "https://oidc.example.com/'; rm -rf /"],
  ['of several lines', 'https://oidc.example.com/\nx'],
  ['with a query', 'https://oidc.example.com/?a=$(id)'],
  ['a text', 'kubernetes/serviceaccount'],
])('an issuer that Entra ID cannot read is none: %s', (_what, issuer) => {
  expect(issuerFrom('', { issuer })).toMatchObject({
    url: undefined,
    problem: expect.stringContaining('give --issuer') as string,
  });
});

it('a cluster that does not tell is said so', () => {
  expect(issuerFrom('', { problem: 'forbidden' })).toEqual({
    url: undefined,
    problem: 'the cluster does not say who its issuer is (forbidden): give --issuer',
  });
});

it('the flag wins, and what the cluster says otherwise is remarked', () => {
  expect(issuerFrom(URL, { problem: 'forbidden' })).toEqual({ url: URL, remark: undefined });
  expect(issuerFrom(URL, { issuer: URL })).toEqual({ url: URL, remark: undefined });
  expect(issuerFrom(URL.slice(0, -1), { issuer: URL })).toEqual({
    url: URL.slice(0, -1),
    remark: `--issuer is ${URL.slice(0, -1)}, but the cluster says "${URL}", letter by letter what its tokens carry`,
  });
});

it.each([
  'http://x.example.com',
  'x',
  "https://x.example.com/'",
  'https://x.example.com/ y',
  'https://$(id).example.com/',
])('a flag that is no plain https URL is refused: %s', (flag) => {
  expect(() => issuerFrom(flag, { problem: '' })).toThrow(UsageError);
  expect(() => issuerFrom(flag, { problem: '' })).toThrow(/^--issuer: .* is not a plain https URL/);
});
