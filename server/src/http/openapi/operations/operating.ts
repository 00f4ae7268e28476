import { JSON_BODY, WRITE, at, type Operation } from '../operation.ts';

/** What keeps a server running, and who may use it. */
export const OPERATING: readonly Operation[] = [
  at('get', '/health', 'operating', {
    summary: 'Do the database and the storage answer?',
    answers: { 200: { json: 'Health' }, 503: { json: 'Health' } },
    open: true,
  }),
  at('get', '/metrics', 'operating', {
    summary: 'Measurements, in the text format of Prometheus',
    answers: { 200: { text: 'text/plain' } },
    open: true,
  }),
  at('get', '/api/openapi.json', 'operating', {
    summary: 'This document',
    answers: { 200: { json: 'Document' } },
    open: true,
  }),
  at('post', '/admin/{command}', 'operating', {
    summary: 'What the command line asks of a server on the same machine; the token is the secret of its folder',
    answers: { 200: { json: 'CommandResult' } },
    refusals: [...JSON_BODY, ...WRITE],
    body: 'CommandInput',
  }),
  at('post', '/api/user', 'users', {
    summary: 'Make a user, with a first token; for the administrator',
    answers: { 201: { json: 'NewUser' } },
    refusals: [...JSON_BODY, ...WRITE],
    body: 'NewUserRequest',
  }),
  at('get', '/api/user/me', 'users', {
    summary: 'Who the token belongs to',
    answers: { 200: { json: 'Me' } },
  }),
];
