import { fakeClock } from '@aad-pod-identity/testing';
import { createLogger, type LoggerOptions, type Logger } from '../src/index.ts';

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl';

function logged(options: Partial<LoggerOptions>, write: (logger: Logger) => void): string {
  let text = '';
  const clock = fakeClock({ now: Date.UTC(2020, 0, 25, 9, 55, 8, 123) });
  const destination = { write: (line: string) => (text += line) };
  write(createLogger({ format: 'text', verbosity: 0, name: 'nmi', clock, destination, ...options }));
  return text;
}

describe('text lines', () => {
  const request = { 'req.method': 'GET', 'req.path': '/metadata/identity/oauth2/token', 'req.remote': '10.244.0.9' };

  it.each<[sentence: string, write: (logger: Logger) => void, line: string]>([
    [
      'read like the original’s',
      (logger) => {
        logger.child(request).info('Status (200) took 350698785 ns');
      },
      'time="2020-01-25T09:55:08Z" level=info msg="Status (200) took 350698785 ns" req.method=GET req.path=/metadata/identity/oauth2/token req.remote=10.244.0.9\n',
    ],
    [
      'call a warning so',
      (logger) => {
        logger.warn('parameter resource cannot be empty');
      },
      'time="2020-01-25T09:55:08Z" level=warning msg="parameter resource cannot be empty"\n',
    ],
    [
      'quote what needs it and nothing else',
      (logger) => {
        logger.info('done', { n: 1, ok: true, plain: 'a/b', odd: 'a=b "c"', list: ['x'] });
      },
      String.raw`time="2020-01-25T09:55:08Z" level=info msg=done n=1 ok=true plain=a/b odd="a=b \"c\"" list="[\"x\"]"` +
        '\n',
    ],
    [
      'cannot be forged by a value or a key with a line break',
      (logger) => {
        logger.info('seen', { 'a\nb': 'x\ntime="2020" level=error' });
      },
      String.raw`time="2020-01-25T09:55:08Z" level=info msg=seen a_b="x\ntime=\"2020\" level=error"` + '\n',
    ],
    [
      'give an error with its code and its causes',
      (logger) => {
        const cause = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
        logger.error('failed', { err: new Error('no answer', { cause }) });
      },
      'time="2020-01-25T09:55:08Z" level=error msg=failed err="no answer: ECONNRESET: reset"\n',
    ],
    [
      'hide secrets in message, field and error',
      (logger) => {
        logger.error(`got ${JWT}`, { body: '{"access_token":"opaque"}', err: new Error('client_secret=hunter2') });
      },
      String.raw`time="2020-01-25T09:55:08Z" level=error msg="got ##### REDACTED #####" body="{\"access_token\":\"##### REDACTED #####\"}" err="client_secret=##### REDACTED #####"` +
        '\n',
    ],
    [
      'leave debugging out unless asked',
      (logger) => {
        logger.debug('detail');
      },
      '',
    ],
  ])('%s', (_, write, line) => {
    expect(logged({}, write)).toBe(line);
  });

  it('contain debugging from verbosity 1 and stacks from verbosity 5', () => {
    const write = (logger: Logger): void => {
      logger.debug('detail', { err: new Error('x') });
    };
    expect(logged({ verbosity: 1 }, write)).toBe('time="2020-01-25T09:55:08Z" level=debug msg=detail err=x\n');
    expect(logged({ verbosity: 5 }, write)).toMatch(/err=x stack="Error: x\\n/);
  });
});

describe('JSON lines', () => {
  it('are one object each, with the time in milliseconds, the name and the fields', () => {
    const text = logged({ format: 'json' }, (logger) => {
      logger.child({ pod: 'default/demo' }).warn('waits', { attempt: 2 });
    });
    expect(text.endsWith('}\n')).toBe(true);
    expect(JSON.parse(text)).toEqual({
      level: 'warning',
      time: '2020-01-25T09:55:08.123Z',
      name: 'nmi',
      pod: 'default/demo',
      msg: 'waits',
      attempt: 2,
    });
  });

  it('stay valid when a secret is hidden in them', () => {
    const text = logged({ format: 'json' }, (logger) => {
      logger.info(`{"access_token":"opaque","x":"${JWT}"}`);
    });
    expect(JSON.parse(text)).toMatchObject({
      msg: '{"access_token":"##### REDACTED #####","x":"##### REDACTED #####"}',
    });
  });
});
