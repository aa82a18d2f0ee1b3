import { boolFlag, durationFlag, intFlag, stringFlag, type FlagValues } from '@aad-pod-identity/runtime';

export const flags = {
  'listen-address': stringFlag({ default: '0.0.0.0', env: 'LISTEN_ADDRESS', help: 'address the page is served on' }),
  port: intFlag({ default: 80, min: 0, max: 65_535, env: 'PORT', help: 'port the page is served on; 0: any free one' }),
  resource: stringFlag({ default: 'https://storage.azure.com/', env: 'RESOURCE', help: 'audience to ask a token for' }),
  'identity-client-id': stringFlag({
    default: '',
    env: 'IDENTITY_CLIENT_ID',
    help: 'client id of the identity to ask for; empty: the one that the platform chooses',
  }),
  timeout: durationFlag({ default: 120_000, minMs: 1, help: 'longest wait for a token' }),
  check: boolFlag({
    default: false,
    help: "get one token, print whose it is (not the token) and exit: 0 if there was one, 1 if there wasn't",
  }),
  version: boolFlag({ default: false, help: 'print the version and the commit, and exit' }),
  help: boolFlag({ default: false, aliases: ['h'], help: 'print this text and exit' }),
};

export type Flags = FlagValues<typeof flags>;
