import { helpText } from './flag-help.ts';
import { boolFlag, durationFlag, intFlag, listFlag, stringFlag } from './flag-spec.ts';
import { ignoredFlags, parseFlags, UsageError } from './flags.ts';

const table = {
  node: stringFlag({ default: '', help: 'Name of this node.', env: 'NODENAME' }),
  'nmi-port': intFlag({ default: 2579, min: 0, max: 65_535, help: 'Port.' }),
  retries: intFlag({ default: 16, min: 1, help: 'Tries.' }),
  forceNamespaced: boolFlag({ default: false, help: 'Same namespace only.', env: 'FORCENAMESPACED' }),
  required: boolFlag({ default: true, help: 'Header needed.' }),
  interval: durationFlag({ default: 3_600_000, minMs: 1_000, help: 'Between two looks.' }),
  mode: stringFlag({ default: 'standard', oneOf: ['standard', 'managed'], help: 'How it works.' }),
  hosts: listFlag({ default: [], help: 'Hosts.' }),
  verbosity: intFlag({ default: 0, aliases: ['v'], help: 'Detail.' }),
  logtostderr: boolFlag({ default: true, help: 'Log.', deprecated: 'logs always go there' }),
} as const;

const parse = (argv: string[], env: NodeJS.ProcessEnv = {}) => parseFlags(table, argv, env);

describe('parseFlags', () => {
  it('gives every default when nothing is said', () => {
    expect(parse([])).toEqual({
      node: '',
      'nmi-port': 2579,
      retries: 16,
      forceNamespaced: false,
      required: true,
      interval: 3_600_000,
      mode: 'standard',
      hosts: [],
      verbosity: 0,
      logtostderr: true,
    });
  });

  it.each<[sentence: string, argv: string[], expected: Partial<ReturnType<typeof parse>>]>([
    ['--flag=value', ['--node=n1'], { node: 'n1' }],
    ['--flag value', ['--node', 'n1'], { node: 'n1' }],
    ['-flag with one dash', ['-node=n1', '-nmi-port', '1'], { node: 'n1', 'nmi-port': 1 }],
    ['an empty value', ['--node='], { node: '' }],
    ['a value with = and spaces', ['--node=a=b c'], { node: 'a=b c' }],
    ['a negative number as its own argument', ['--verbosity', '-5'], { verbosity: -5 }],
    ['an alias with one dash', ['-v=5'], { verbosity: 5 }],
    ['an alias with two dashes', ['--v', '5'], { verbosity: 5 }],
    ['a bare boolean', ['--forceNamespaced', '--node=n1'], { forceNamespaced: true, node: 'n1' }],
    ['a bare boolean at the end', ['--forceNamespaced'], { forceNamespaced: true }],
    ['a boolean with =', ['--required=false'], { required: false }],
    ['a boolean with its value apart', ['--required', 'false', '--node', 'n1'], { required: false, node: 'n1' }],
    ["Go's other booleans", ['--required=F', '--forceNamespaced=1'], { required: false, forceNamespaced: true }],
    ['a duration', ['--interval=1m30s'], { interval: 90_000 }],
    ['one of several words', ['--mode=managed'], { mode: 'managed' }],
    ['a list, repeated', ['--hosts=a,b', '--hosts', ' c ,'], { hosts: ['a', 'b', 'c'] }],
    ['the last of several', ['--node=a', '--node=b', '-v=1', '--verbosity=2'], { node: 'b', verbosity: 2 }],
  ])('takes %s', (_, argv, expected) => {
    expect(parse(argv)).toMatchObject(expected);
  });

  it.each<[sentence: string, argv: string[], env: NodeJS.ProcessEnv, expected: Partial<ReturnType<typeof parse>>]>([
    ['the environment where no flag speaks', [], { NODENAME: 'e' }, { node: 'e' }],
    ['the flag before the environment', ['--node=f'], { NODENAME: 'e' }, { node: 'f' }],
    ['an empty variable as none', [], { NODENAME: '', FORCENAMESPACED: '' }, { node: '', forceNamespaced: false }],
    [
      'a true of the environment in any case',
      ['--forceNamespaced=false'],
      { FORCENAMESPACED: 'true' },
      { forceNamespaced: true },
    ],
    [
      'the flag before a false of the environment',
      ['--forceNamespaced'],
      { FORCENAMESPACED: 'false' },
      { forceNamespaced: true },
    ],
  ])('takes %s', (_, argv, env, expected) => {
    expect(parse(argv, env)).toMatchObject(expected);
  });

  it.each<[sentence: string, argv: string[], env: NodeJS.ProcessEnv, message: string]>([
    ['a word for a number', ['--nmi-port=abc'], {}, '--nmi-port: "abc" is not a whole number from 0 up to 65535'],
    ['a number too large', ['--nmi-port', '65536'], {}, '--nmi-port: "65536" is not a whole number from 0 up to 65535'],
    ['a number with a fraction', ['--retries=1.5'], {}, '--retries: "1.5" is not a whole number from 1'],
    ['an empty number', ['--retries='], {}, '--retries: "" is not a whole number from 1'],
    [
      'a bad value even if a later one is good',
      ['--retries=x', '--retries=2'],
      {},
      '--retries: "x" is not a whole number from 1',
    ],
    ['a word for a boolean', ['--required=yes'], {}, '--required: "yes" is not true or false'],
    ['a bare number as a duration', ['--interval=60'], {}, '--interval: "60" is not a duration such as 1m30s, from 1s'],
    ['a duration too short', ['--interval=1ms'], {}, '--interval: "1ms" is not a duration such as 1m30s, from 1s'],
    ['another word', ['--mode=Managed'], {}, '--mode: "Managed" is not one of standard, managed'],
    ['a bad value under its alias', ['-v=x'], {}, '--verbosity: "x" is not a whole number'],
    ['a bad environment', [], { FORCENAMESPACED: 'yes' }, 'FORCENAMESPACED (environment): "yes" is not true or false'],
    ['a value that is missing at the end', ['--node'], {}, '--node: needs a value, a text'],
    ['a value that is missing before a flag', ['--node', '--required'], {}, '--node: needs a value, a text'],
    ['an unknown flag', ['--nmi-prt=1'], {}, 'unknown flag --nmi-prt; did you mean --nmi-port?'],
    [
      'a known flag in another case',
      ['--forcenamespaced'],
      {},
      'unknown flag --forcenamespaced; did you mean --forceNamespaced?',
    ],
    ['a flag like no other', ['--wholly-different'], {}, 'unknown flag --wholly-different; see --help'],
    ['the name of an object property', ['--constructor=1'], {}, 'unknown flag --constructor; see --help'],
    ['an argument that is no flag', ['node'], {}, 'unexpected argument "node"; only flags are taken'],
    ['an argument after a boolean', ['--required', 'node'], {}, 'unexpected argument "node"; only flags are taken'],
    ['dashes alone', ['--'], {}, 'unexpected argument "--"; only flags are taken'],
    ['three dashes', ['---node=1'], {}, 'unexpected argument "---node=1"; only flags are taken'],
    [
      'several lines, in one',
      ['--nmi-port=a\nb'],
      {},
      String.raw`--nmi-port: "a\nb" is not a whole number from 0 up to 65535`,
    ],
  ])('refuses %s', (_, argv, env, message) => {
    expect(() => parse(argv, env)).toThrow(new UsageError(message));
  });

  it('keeps the message short however long the value is', () => {
    expect(() => parse([`--nmi-port=${'x'.repeat(10_000)}`])).toThrow(/^--nmi-port: "x{77}\.\.\." is not/);
  });
});

describe('ignoredFlags', () => {
  it('names each flag that was given and does nothing, once', () => {
    expect(ignoredFlags(table, ['--logtostderr', '-logtostderr=true', '--node=n'])).toEqual([
      '--logtostderr has no effect: logs always go there',
    ]);
  });
});

describe('helpText', () => {
  it('shows every flag with its spellings, its kind, its default and where else it comes from', () => {
    const help = helpText({ name: 'nmi', summary: 'answers token requests' }, table);
    expect(help.split('\n').slice(0, 3)).toEqual(['nmi - answers token requests', '', 'Usage: nmi [flags]']);
    expect(help).toContain('  --nmi-port int\n      Port. (default 2579)\n');
    expect(help).toContain(
      '  --forceNamespaced\n      Same namespace only. (default false; environment FORCENAMESPACED)\n',
    );
    expect(help).toContain('  --verbosity, -v int\n');
    expect(help).toContain('  --mode standard|managed\n');
    expect(help).toContain('      Log. (default true; no effect: logs always go there)\n');
  });
});
