import { JSON_BODY, NONE, WRITE, at, type Operation } from '../operation.ts';

/** Channels, their members, publishing. */
export const CHANNELS: readonly Operation[] = [
  at('get', '/api/channel', 'channels', {
    summary: 'The channels that one may view, by id',
    query: { after: 'The id after which the page begins.', limit: 'From 1 to 1,000; 100 by default.' },
    answers: { 200: { json: 'ChannelPage' } },
  }),
  at('post', '/api/channel', 'channels', {
    summary: 'Make a channel with its root node; the author becomes its owner',
    answers: { 201: { json: 'Channel' } },
    refusals: [...JSON_BODY, ...WRITE],
    body: 'NewChannel',
  }),
  at('get', '/api/channel/{id}', 'channels', {
    summary: 'One channel',
    answers: { 200: { json: 'Channel' } },
    refusals: ['not_found'],
  }),
  at('patch', '/api/channel/{id}', 'channels', {
    summary: 'Change fields of a channel',
    answers: { 200: { json: 'Channel' } },
    refusals: [...JSON_BODY, ...WRITE],
    body: 'ChannelChange',
  }),
  at('delete', '/api/channel/{id}', 'channels', {
    summary: 'Delete a channel with everything in it; its id is never used again',
    answers: { 204: NONE },
    refusals: WRITE,
  }),
  at('post', '/api/channel/{id}/publish', 'channels', {
    summary: 'Publish every complete node',
    answers: { 200: { json: 'Publication' } },
    refusals: WRITE,
  }),
  at('get', '/api/channel/{id}/members', 'channels', {
    summary: 'Who has a role in the channel',
    answers: { 200: { json: 'Members' } },
    refusals: ['not_found'],
  }),
  at('put', '/api/channel/{id}/members/{user}', 'channels', {
    summary: 'Give somebody a role',
    answers: { 200: { json: 'Member' } },
    refusals: [...JSON_BODY, ...WRITE, 'last_owner'],
    body: 'Membership',
  }),
  at('delete', '/api/channel/{id}/members/{user}', 'channels', {
    summary: 'Take a role away, or leave',
    answers: { 204: NONE },
    refusals: [...WRITE, 'last_owner'],
  }),
];
