import { fakeClock } from '@aad-pod-identity/testing';
import { podRateLimit } from './pod-rate-limit.ts';

function setUp(perSecond: number) {
  const clock = fakeClock();
  const admit = podRateLimit({ perSecond, clock });
  /** How many of `count` requests are let in. */
  const admitted = (address: string, count: number): number => {
    let admittedOnes = 0;
    for (let nth = 0; nth < count; nth++) {
      try {
        admit(address);
        admittedOnes++;
      } catch (error) {
        expect(error).toMatchObject({ code: 'tooManyOfPod' });
      }
    }
    return admittedOnes;
  };
  return { clock, admitted };
}

describe('the requests of one pod', () => {
  it('may come all at once for two seconds’ worth, and then as fast as the limit', async () => {
    const { clock, admitted } = setUp(100);
    expect(admitted('10.0.0.1', 1_000)).toBe(200);
    await clock.advance(500);
    expect(admitted('10.0.0.1', 1_000)).toBe(50);
    await clock.advance(60_000);
    expect(admitted('10.0.0.1', 1_000)).toBe(200);
  });

  it('take nothing from another pod', () => {
    const { admitted } = setUp(100);
    admitted('10.0.0.1', 1_000);
    expect(admitted('10.0.0.2', 100)).toBe(100);
  });

  it('are not limited where the operator says so', () => {
    expect(setUp(0).admitted('10.0.0.1', 100_000)).toBe(100_000);
  });
});
