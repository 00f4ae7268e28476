import { type Id, Refusal } from '@cambium/protocol';
import type { Session } from './session.ts';

/** Makes sure once that a new token is this user's: nobody's changes are sent in another one's name. */
export async function verifyToken(session: Session): Promise<void> {
  if (session.verified) return;
  const me = await session.transport.get<{ id: Id }>('/api/user/me');
  if (me.id !== session.user) {
    throw new Refusal('unauthenticated', { message: 'That token belongs to another user than what is queued here.' });
  }
  session.verified = true;
}
