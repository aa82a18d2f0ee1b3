import { UsageError } from '@aad-pod-identity/runtime';
import type { Told } from '../world/read-issuer.ts';

/** The issuer that credentials are made for, with what is to be said of it; or why there is none. */
export type Issuer =
  { readonly url: string; readonly remark: string | undefined } | { readonly url: undefined; readonly problem: string };

/** No quotes, blanks, query or anything that a shell or a query language reads otherwise. */
const FORM = /^https:\/\/[A-Za-z0-9.-]+(:\d+)?(\/[A-Za-z0-9._~/-]*)?$/;

/** Names and addresses that only the cluster or its network know. */
const PRIVATE: readonly RegExp[] = [
  /^[^.]+$/,
  /\.(svc|local|internal|localhost)$/,
  /^(10|127)\./,
  /^192\.168\./,
  /^169\.254\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
];

const isPrivate = (url: string): boolean => {
  const { hostname } = new URL(url);
  return PRIVATE.some((form) => form.test(hostname));
};

const HOW = 'enable the OIDC issuer of the cluster (az aks update --enable-oidc-issuer), or give --issuer';

function ofCluster(told: Told): Issuer {
  if ('problem' in told)
    return { url: undefined, problem: `the cluster does not say who its issuer is (${told.problem}): give --issuer` };
  if (!FORM.test(told.issuer)) {
    return {
      url: undefined,
      problem: `the cluster's issuer ${JSON.stringify(told.issuer)} is not a plain https URL: ${HOW}`,
    };
  }
  if (isPrivate(told.issuer)) {
    return { url: undefined, problem: `the cluster's issuer ${told.issuer} is out of reach for Entra ID: ${HOW}` };
  }
  return { url: told.issuer, remark: undefined };
}

/** @throws UsageError where the flag's value is no URL of an issuer */
export function issuerFrom(flag: string, told: Told): Issuer {
  if (flag === '') return ofCluster(told);
  if (!FORM.test(flag)) {
    throw new UsageError(`--issuer: ${JSON.stringify(flag)} is not a plain https URL, such as https://host/path/`);
  }
  const isOther = 'issuer' in told && told.issuer !== flag;
  const remark = isOther
    ? `--issuer is ${flag}, but the cluster says ${JSON.stringify(told.issuer)}, letter by letter what its tokens carry`
    : undefined;
  return { url: flag, remark };
}
