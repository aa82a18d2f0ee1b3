import { boolFlag, durationFlag, intFlag, stringFlag, type FlagValues } from '@aad-pod-identity/runtime';

export const flags = {
  once: boolFlag({ default: false, help: 'walk through the story, print what was checked, and exit with 0 or 1' }),
  story: boolFlag({ default: true, help: 'play the walk-through; false: start everything and leave the rest to you' }),
  real: boolFlag({
    default: false,
    help: 'a real API server with etcd and controller manager, built with Go the first time (about 6 min), instead of the simulator',
  }),
  port: intFlag({ default: 8088, min: 0, max: 65_535, help: 'port of the web page on 127.0.0.1; 0: any free one' }),
  folder: stringFlag({ default: '', help: 'folder for logs and configuration; empty: a new one in the temp folder' }),
  'arm-delay': durationFlag({ default: 0, maxMs: 600_000, help: 'how long an assignment to a VM takes in Azure' }),
  version: boolFlag({ default: false, help: 'print the version and the commit, and exit' }),
  help: boolFlag({ default: false, aliases: ['h'], help: 'print this text and exit' }),
};

export type Flags = FlagValues<typeof flags>;
