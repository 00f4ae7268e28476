import type { Status } from '@cambium/client';

import type { IconName } from '../shared/icon.tsx';
import { count } from '../shared/words.ts';

export interface StatusWords {
  tone: 'good' | 'busy' | 'away' | 'bad';
  icon: IconName;
  /** Few enough for the head of the page. */
  short: string;
  long: string;
}

/** How things stand, in words that promise no more than is so. */
export function statusInWords(status: Status, uploads: number): StatusWords {
  const { phase, pending, stalled, blockedBy } = status;
  const changes = count(pending, 'change');
  if (phase === 'unauthenticated') {
    return {
      tone: 'bad',
      icon: 'warning',
      short: 'Sign in again',
      long: `The token is no longer accepted. ${kept(pending)}`,
    };
  }
  if (blockedBy !== null) {
    return { tone: 'bad', icon: 'warning', short: 'Stuck', long: `The server fails on one change. ${kept(pending)}` };
  }
  if (stalled)
    return { tone: 'bad', icon: 'warning', short: `Not saved: ${changes}`, long: `${stalled} ${kept(pending)}` };
  if (phase === 'offline') {
    return pending > 0
      ? { tone: 'away', icon: 'offline', short: `Offline, ${changes} kept`, long: kept(pending) }
      : { tone: 'away', icon: 'offline', short: 'Offline', long: 'Everything so far is saved. You can go on working.' };
  }
  if (pending > 0)
    return { tone: 'busy', icon: 'cloud', short: `Saving ${changes}…`, long: 'Sent to the server as you work.' };
  if (uploads > 0) {
    return {
      tone: 'busy',
      icon: 'cloud',
      short: `Uploading ${count(uploads, 'file')}…`,
      long: 'All changes are saved.',
    };
  }
  return { tone: 'good', icon: 'check', short: 'All changes saved', long: 'The server has everything.' };
}

function kept(pending: number): string {
  if (pending === 0) return 'Nothing is lost.';
  return `${count(pending, 'change')} ${pending === 1 ? 'is' : 'are'} kept on this device and sent later.`;
}
