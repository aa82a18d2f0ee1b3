import { requirements } from '../src/requirements.ts';

it('another system than Linux is refused in one line that says why', () => {
  expect(() => requirements('darwin', {})).toThrow(/^this machine runs darwin; [^\n]+$/);
});

it('without kubectl the sandbox says so in one line and goes on', () => {
  expect(requirements('linux', { PATH: '/nonexistent' })).toEqual([expect.stringMatching(/^kubectl is not installed/)]);
});
