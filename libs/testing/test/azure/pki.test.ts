import { X509Certificate } from 'node:crypto';
import { get, createServer } from 'node:https';
import { listen } from '@aad-pod-identity/runtime';
import { createRunCa, type RunCa } from '../../src/index.ts';

const ca = createRunCa();

/** Status of a TLS request to a server with a certificate for `altNames`, from a client that trusts `trusted` only. */
async function request(altNames: string[], trusted: RunCa): Promise<number | undefined> {
  const { certPem, keyPem } = ca.issue({ commonName: 'server', altNames });
  const server = createServer({ cert: certPem, key: keyPem }, (_, response) => response.end());
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  try {
    return await new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, ca: trusted.certPem, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });
  } finally {
    server.close();
  }
}

describe('a certificate of the run', () => {
  it('is signed by its authority and names what was asked for', () => {
    const { certPem } = ca.issue({ commonName: 'server', altNames: ['example.test', '127.0.0.1', '::1'] });
    const certificate = new X509Certificate(certPem);
    expect(certificate.verify(new X509Certificate(ca.certPem).publicKey)).toBe(true);
    expect(certificate.subjectAltName).toBe('DNS:example.test, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  });

  it('serves TLS for its addresses, to whom trusts the authority', async () => {
    expect(await request(['127.0.0.1'], ca)).toBe(200);
    await expect(request(['example.test'], ca)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    await expect(request(['127.0.0.1'], createRunCa())).rejects.toThrow();
  });

  it('comes from the same authority in another process', () => {
    const again = createRunCa({ certPem: ca.certPem, keyPem: ca.keyPem });
    const { certPem } = again.issue({ commonName: 'x', altNames: [] });
    expect(new X509Certificate(certPem).checkIssued(new X509Certificate(ca.certPem))).toBe(true);
  });
});
