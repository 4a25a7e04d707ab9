import { describe, expect, it } from 'vitest';
import { assert, ChatError, ProtocolError, unreachable } from '../../src/core/errors.ts';

describe('errors', () => {
  it('say by their name and code whose fault they are', () => {
    expect(new ProtocolError('length', 'too long')).toMatchObject({ name: 'ProtocolError', code: 'length' });
    expect(new ChatError('name-taken', 'taken', 'bob2')).toMatchObject({ name: 'ChatError', free: 'bob2' });
    expect(new ChatError('listen', 'taken')).not.toBeInstanceOf(ProtocolError);
  });

  it('of our own are neither of these', () => {
    const broken = (run: () => unknown): unknown => {
      try {
        return run();
      } catch (error) {
        return error;
      }
    };
    const [first, second] = [broken(() => assert(false, 'a thing holds')), broken(() => unreachable('x' as never))];
    expect(first).toEqual(new Error('broken invariant: a thing holds'));
    expect(second).toEqual(new Error('broken invariant: unexpected "x"'));
    expect(first).not.toBeInstanceOf(ProtocolError);
    expect(broken(() => assert(true, 'a thing holds'))).toBeUndefined();
  });
});
