import { aGrant, aPod } from '../../test/objects.ts';
import { rememberedGrants } from './remembered-grants.ts';

it('grants are worked out once for a pod, and anew after any change and for any other pod', () => {
  let onChange = (): void => undefined;
  let calls = 0;
  const world = { grants: [aGrant('a')] };
  const grants = rememberedGrants(
    () => {
      calls++;
      return world.grants;
    },
    (listener) => {
      onChange = listener;
      return () => undefined;
    },
  );
  const pod = aPod();
  expect([grants(pod), grants(pod), calls]).toEqual([world.grants, world.grants, 1]);
  world.grants = [];
  onChange();
  expect([grants(pod), calls]).toEqual([[], 2]);
  expect([grants(aPod()), calls]).toEqual([[], 3]);
});
