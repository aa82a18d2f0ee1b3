import { readLogfmt, readTokenRequests } from '../src/request-log.ts';

const PATH = 'req.method=GET req.path=/metadata/identity/oauth2/token';

const line = (time: string, msg: string, remote = '127.20.0.2') =>
  `time="2026-01-25T09:55:${time}Z" level=info msg=${JSON.stringify(msg)} ${PATH} req.remote=${remote}`;

const lines: Record<string, [line: string, fields: Record<string, string>]> = {
  'quoted and bare values': ['a="b c" d=e', { a: 'b c', d: 'e' }],
  'escaped quotes': ['msg="say \\"no\\"" x=1', { msg: 'say "no"', x: '1' }],
  'dotted names': ['req.path=/a', { 'req.path': '/a' }],
  'a line of another kind': ['Error: nothing of the sort', {}],
};

it.each(Object.entries(lines))('%s', (_sentence, [text, fields]) => {
  expect(readLogfmt(text)).toEqual(fields);
});

describe('the requests of a log', () => {
  it('a request is told by its status line and by what was said of its remote before', () => {
    const log = [line('08', 'matched identityType:0'), line('09', 'Status (200) took 350698785 ns')].join('\n');
    expect(readTokenRequests(log, 5)).toEqual([
      {
        time: '2026-01-25T09:55:09Z',
        remote: '127.20.0.2',
        status: 200,
        milliseconds: 350.7,
        detail: 'matched identityType:0',
      },
    ]);
  });

  it('two remotes at once are kept apart', () => {
    const log = [
      line('01', 'first', '127.0.0.2'),
      line('02', 'second', '127.0.0.3'),
      line('03', 'Status (200) took 1000000 ns', '127.0.0.2'),
    ].join('\n');
    expect(readTokenRequests(log, 5).map(({ detail }) => detail)).toEqual(['first']);
  });

  it('the newest come first, and no more than asked for', () => {
    const log = ['01', '02', '03'].map((time) => line(time, 'Status (400) took 1000000 ns')).join('\n');
    expect(readTokenRequests(log, 2).map(({ time }) => time)).toEqual(['2026-01-25T09:55:03Z', '2026-01-25T09:55:02Z']);
  });

  it('lines that are no requests are passed over', () => {
    expect(readTokenRequests('level=info msg="listening"\nnonsense\n', 5)).toEqual([]);
  });
});
