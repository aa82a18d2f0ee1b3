import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type forge from 'node-forge';
import type { Bundle } from './certificate.ts';

type Forge = typeof forge;

function toDer(library: Forge, value: forge.asn1.Asn1): Buffer {
  return Buffer.from(library.asn1.toDer(value).getBytes(), 'latin1');
}

/** Forge knows RSA only: any other certificate comes back as bare ASN.1. */
function certificateOf(library: Forge, bag: forge.pkcs12.Bag): X509Certificate {
  return new X509Certificate(toDer(library, bag.cert ? library.pki.certificateToAsn1(bag.cert) : bag.asn1));
}

/** RSA keys come back parsed, any other as the ASN.1 of PKCS#8. */
function keyOf(library: Forge, bag: forge.pkcs12.Bag): KeyObject {
  if (!bag.key) return createPrivateKey({ key: toDer(library, bag.asn1), format: 'der', type: 'pkcs8' });
  const der = toDer(library, library.pki.privateKeyToAsn1(bag.key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs1' });
}

function bagsOf(library: Forge, content: forge.pkcs12.Pkcs12Pfx, ...types: (string | undefined)[]): forge.pkcs12.Bag[] {
  return types.flatMap((bagType) => {
    const found = bagType === undefined ? undefined : content.getBags({ bagType })[bagType];
    return found ?? [];
  });
}

/** An empty password is written in two ways: as an empty text, and as none at all. */
function open(library: Forge, bytes: Uint8Array, password: string): forge.pkcs12.Pkcs12Pfx {
  const content = library.asn1.fromDer(library.util.createBuffer(Buffer.from(bytes).toString('latin1')), false);
  const read = (secret?: string): forge.pkcs12.Pkcs12Pfx => library.pkcs12.pkcs12FromAsn1(content, false, secret);
  if (password !== '') return read(password);
  try {
    return read('');
  } catch {
    return read();
  }
}

/** Reads PKCS#12 bytes; forge is loaded only for them. */
export async function readPkcs12(bytes: Uint8Array, password: string): Promise<Bundle | undefined> {
  const { default: library } = await import('node-forge');
  const { certBag, keyBag, pkcs8ShroudedKeyBag } = library.pki.oids;
  const content = open(library, bytes, password);
  const [key] = bagsOf(library, content, pkcs8ShroudedKeyBag, keyBag);
  if (key === undefined) return undefined;
  const certificates = bagsOf(library, content, certBag).map((bag) => certificateOf(library, bag));
  return { certificates, key: keyOf(library, key) };
}
