import { ArmError, type UserAssignedIdentity } from '@aad-pod-identity/azure-arm';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { fakeClock } from '@aad-pod-identity/testing';
import { IdentityFacts } from '../../src/azure/identity-facts.ts';

const MINUTE = 60_000;
const fact: UserAssignedIdentity = { clientId: 'client', principalId: 'principal', tenantId: 'tenant' };
const forbidden = new ArmError('unauthorized', 'no', { status: 403, armCode: 'AuthorizationFailed' });
const refusedToken = new ArmError('unauthorized', 'no', { armCode: 'NoTokenForArm' });
const missing = new ArmError('notFound', 'no', { status: 404, armCode: 'ResourceNotFound' });
const down = new ArmError('unavailable', 'no', { status: 503 });

type Answer = UserAssignedIdentity | ArmError | 'none';

/** Facts whose answers the test gives; an identity is looked up every minute. */
function start(...answers: Answer[]) {
  const clock = fakeClock();
  const asked: string[] = [];
  const woken: string[] = [];
  const arm = {
    lookupIdentity: (armId: string, signal?: AbortSignal): Promise<UserAssignedIdentity> => {
      asked.push(armId);
      const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? 'none';
      if (answer instanceof ArmError) return Promise.reject(answer);
      if (answer !== 'none') return Promise.resolve(answer);
      return new Promise((_resolve, reject) => {
        signal?.addEventListener(
          'abort',
          () => {
            reject(new Error('stopped'));
          },
          { once: true },
        );
      });
    },
  };
  const contradicted = (key: string): number => woken.push(key);
  const facts = new IdentityFacts({ arm, clock, logger: silentLogger, intervalMs: MINUTE, contradicted });
  const controller = new AbortController();
  const running = facts.run(controller.signal);
  const want = async (armId = 'a', shown?: { clientId?: string }, key = 'vm'): Promise<void> => {
    facts.want(key, new Map([[armId, shown && { id: armId, ...shown }]]));
    await clock.advance(0);
  };
  const stop = async (): Promise<void> => {
    controller.abort(new Error('stopped'));
    await running;
  };
  return { facts, clock, asked, woken, want, stop };
}

describe('what Azure says of an identity', () => {
  it('is asked once, by however many and however often, until the interval is over', async () => {
    const { facts, clock, asked, want, stop } = start(fact);
    for (const key of ['one', 'two', 'three']) await want('a', undefined, key);
    await clock.advance(MINUTE - 1);
    await want();
    expect([asked, facts.get('a'), facts.get('b')]).toEqual([['a'], fact, undefined]);
    await clock.advance(1);
    await want();
    expect(asked).toEqual(['a', 'a']);
    await stop();
  });

  it.each<[string, ArmError, number[]]>([
    ['ever more rarely, up to an hour, while MIC may not read it', forbidden, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]],
    ['the same while ARM fails', down, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]],
    ['each interval while it is gone: it may be recreated at any time', missing, Array.from(Array(300).keys())],
  ])('is asked %s', async (_sentence, answer, expected) => {
    const { clock, asked, want, stop } = start(answer);
    const times: number[] = [];
    for (let minute = 0; minute < 300; minute++) {
      const before = asked.length;
      await want();
      if (asked.length > before) times.push(minute);
      await clock.advance(MINUTE);
    }
    expect(times).toEqual(expected);
    await stop();
  });

  it('is not asked before Retry-After has passed', async () => {
    const throttled = new ArmError('throttled', 'no', { status: 429, retryAfterMs: 10 * MINUTE });
    const { clock, asked, want, stop } = start(throttled, fact);
    await want();
    await clock.advance(10 * MINUTE - 1);
    await want();
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    await want();
    expect(asked).toHaveLength(2);
    await stop();
  });

  it.each<[string, Answer[], string, object]>([
    ['that it exists', [fact], 'exists', fact],
    ['that it does not', [missing], 'gone', { fault: { reason: 'ResourceNotFound', message: 'no' } }],
    ['that MIC may not read it', [forbidden], 'unknown', { fault: { reason: 'AuthorizationFailed', message: 'no' } }],
    ['nothing, by a failure that passes', [down], 'unasked', { fault: { reason: 'ArmUnavailable', message: 'no' } }],
    [
      'nothing, where MIC has no token',
      [refusedToken],
      'unasked',
      { fault: { reason: 'NoTokenForArm', message: 'no' } },
    ],
    ['what it said before, by a failure that passes', [fact, down], 'exists', fact],
    ['that it is gone since', [fact, missing], 'gone', { fault: { reason: 'ResourceNotFound', message: 'no' } }],
  ])('says %s', async (_sentence, answers, existence, expected) => {
    const { facts, clock, want, stop } = start(...answers);
    for (const _answer of [...answers]) {
      await want();
      await clock.advance(MINUTE);
    }
    expect(facts.known('a').existence).toBe(existence);
    expect(facts.get('a')).toEqual(expected);
    await stop();
  });

  it('wakes no VM or scale set that is gone', async () => {
    const { facts, clock, woken, want, stop } = start(fact);
    await want('a', { clientId: 'old' }, 'gone');
    await want('a', { clientId: 'old' }, 'here');
    woken.length = 0;
    facts.forgetPlace('gone');
    await clock.advance(MINUTE);
    await want('a', { clientId: 'old' }, 'here');
    expect(new Set(woken)).toEqual(new Set(['here']));
    await stop();
  });

  it('wakes those, and only those, VMs and scale sets that show something else', async () => {
    const { facts, clock, woken, want, stop } = start(fact);
    facts.want('absent', new Map([['a', undefined]]));
    facts.want('right', new Map([['a', { id: 'a', clientId: 'CLIENT' }]]));
    facts.want('old', new Map([['a', { id: 'a', clientId: 'other' }]]));
    facts.want('empty', new Map([['a', { id: 'a' }]]));
    await clock.advance(0);
    expect(woken).toEqual(['old', 'empty']);
    await want('a', { clientId: 'client' }, 'old');
    await stop();
  });

  it('tells of a change once', async () => {
    const { facts, clock, want, stop } = start(fact, fact, missing);
    const told: string[] = [];
    const end = facts.subscribe((armId) => told.push(armId));
    for (let round = 0; round < 3; round++) {
      await want();
      await clock.advance(MINUTE);
    }
    expect(told).toEqual(['a', 'a']);
    end();
    await stop();
  });

  it('of one that never answers holds up no other, and ends when MIC stops', async () => {
    const { facts, asked, want, stop } = start('none', fact);
    await want('a');
    await want('b');
    expect([asked, facts.get('a'), facts.get('b')]).toEqual([['a', 'b'], undefined, fact]);
    await stop();
  });
});
