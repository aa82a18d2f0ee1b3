import { NOTHING_TIGHTER, readSettings } from './read-settings.ts';

describe('the settings of a namespace', () => {
  it.each<[sentence: string, text: string, value: object]>([
    ['nothing', '', {}],
    ['white space', ' \n', {}],
    ['an empty object', '{}', {}],
    ['one of them', '{"blockInstanceMetadata":true}', { blockInstanceMetadata: true }],
    ['both', '{"blockInstanceMetadata":true,"namespaced":"true"}', { blockInstanceMetadata: true, namespaced: true }],
    ['false', '{"namespaced":"false"}', {}],
  ])('are read from %s', (_sentence, text, value) => {
    expect(readSettings(text)).toEqual({ ok: true, value: { ...NOTHING_TIGHTER, ...value } });
  });

  it.each<[sentence: string, text: string, reason: string]>([
    ['text', 'block', '"block" is no JSON object'],
    ['a list', '[true]', '"[true]" is no JSON object'],
    ['null', 'null', '"null" is no JSON object'],
    ['half of it', '{"namespaced":', '"{\\"namespaced\\":" is no JSON object'],
    ['another value', '{"namespaced":"yes"}', 'namespaced is "yes", allowed are true and false'],
    ['null as a value', '{"namespaced":null}', 'namespaced is null, allowed are true and false'],
    [
      'a setting of a later version',
      '{"blockVersions":true}',
      '"blockVersions" is no setting, allowed are blockInstanceMetadata, namespaced',
    ],
    [
      'a name that every object has',
      '{"__proto__":{"namespaced":true}}',
      '"__proto__" is no setting, allowed are blockInstanceMetadata, namespaced',
    ],
  ])('are refused of %s', (_sentence, text, reason) => {
    expect(readSettings(text)).toEqual({ ok: false, reason });
  });
});
