import type { StallReason, SyncStatus } from '@cambium/client';

import type { IconName } from '../shared/icon.tsx';
import { count } from '../shared/words.ts';

export interface StatusWords {
  tone: 'good' | 'busy' | 'away' | 'bad';
  icon: IconName;
  /** Few enough for the head of the page. */
  short: string;
  long: string;
}

const STALLED: Record<StallReason, string> = {
  offline: 'This device has been offline for a while.',
  unauthorized: 'The token is no longer accepted.',
  unreachable: 'The server does not answer.',
  blocked: 'The server fails on one change.',
  unavailable: 'The server no longer shows this channel to you.',
  refused: 'The server refuses to synchronise.',
  idle: 'Nothing is being sent at the moment.',
};

/** How things stand, in words that promise no more than is so. `uploads`: files on their way; `refused`: changes and files. */
export function statusInWords(status: SyncStatus, uploads: number, refused = 0): StatusWords {
  const { phase, pending, aside, stalled } = status;
  const changes = count(pending, 'change');
  if (phase === 'unauthorized') {
    return { tone: 'bad', icon: 'warning', short: 'Sign in again', long: `${STALLED.unauthorized} ${kept(pending)}` };
  }
  if (phase === 'offline') {
    return pending > 0
      ? { tone: 'away', icon: 'offline', short: `Offline, ${changes} kept`, long: kept(pending) }
      : { tone: 'away', icon: 'offline', short: 'Offline', long: 'You can go on working.' };
  }
  if (stalled) {
    return {
      tone: 'bad',
      icon: 'warning',
      short: `Not saved: ${changes}`,
      long: `${STALLED[stalled]} ${kept(pending)}`,
    };
  }
  if (phase === 'waiting') {
    return {
      tone: 'away',
      icon: 'offline',
      // A browser may say that it is online while nothing can be reached: what waits is told either way.
      short: pending > 0 ? `Trying to connect, ${changes} kept` : 'Trying to connect…',
      long: `The server does not answer. ${kept(pending)}`,
    };
  }
  if (aside > 0 && pending === aside) {
    return {
      tone: 'bad',
      icon: 'warning',
      short: `${count(aside, 'change')} set aside`,
      long: 'Everything else is saved. What is set aside is kept on this device alone.',
    };
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
  if (refused > 0) {
    return {
      tone: 'bad',
      icon: 'warning',
      short: 'Everything else is saved',
      long: 'What the server refused is kept on this device until you decide what becomes of it.',
    };
  }
  return { tone: 'good', icon: 'check', short: 'All changes saved', long: 'The server has everything.' };
}

function kept(pending: number): string {
  if (pending === 0) return 'Nothing is lost.';
  return `${count(pending, 'change')} ${pending === 1 ? 'is' : 'are'} kept on this device and sent later.`;
}
