import { JSON_BODY, NONE, WRITE, at, type Operation } from '../operation.ts';

const fileFilters = Object.fromEntries(
  ['id', 'contentnode', 'assessment_item'].flatMap((name) => [
    [name, `Files by ${name}.`],
    [`${name}__in`, 'A comma list of ids.'],
  ]),
);

/** Files and the ways in which their bytes come and go. */
export const FILES: readonly Operation[] = [
  at('get', '/api/file', 'files', {
    summary: 'Files by at least one filter',
    query: fileFilters,
    answers: { 200: { json: 'Files' } },
    refusals: ['filter_required'],
  }),
  at('post', '/api/file/upload_url', 'files', {
    summary: 'Announce a file: says where its bytes go, or that they are here already',
    answers: { 201: { json: 'UploadUrl' } },
    refusals: [...JSON_BODY, ...WRITE, 'quota_exceeded'],
    body: 'Announcement',
  }),
  at('post', '/api/file/known', 'files', {
    summary: 'Which of these files need not be sent, as their bytes are here already',
    answers: { 200: { json: 'KnownFiles' } },
    refusals: [...JSON_BODY, ...WRITE],
    body: 'Inquiry',
  }),
  at('patch', '/api/file/{id}', 'files', {
    summary: 'Attach, detach or describe a file',
    answers: { 200: { json: 'File' } },
    refusals: [...JSON_BODY, ...WRITE, 'cross_channel'],
    body: 'FileChange',
  }),
  at('delete', '/api/file/{id}', 'files', {
    summary: 'Delete a file',
    answers: { 200: { json: 'Success' } },
    refusals: WRITE,
  }),
  at('put', '/upload/{id}', 'uploads', {
    summary: 'The bytes of an announced file, in one request; the address is signed',
    query: { expires: 'As it was given.', signature: 'As it was given.' },
    answers: { 200: { json: 'StoredFile' } },
    refusals: [
      'forbidden',
      'not_found',
      'already_exists',
      'unsupported_type',
      'size_mismatch',
      'checksum_mismatch',
      'busy',
    ],
    body: 'bytes',
    open: true,
  }),
  at('get', '/content/{capability}/{name}', 'files', {
    summary: 'The bytes of a file: whoever has the address may read them',
    answers: { 200: { bytes: true }, 206: { bytes: true }, 304: NONE, 412: NONE, 416: NONE },
    refusals: ['not_found'],
    open: true,
  }),
  at('options', '/api/upload', 'uploads', {
    summary: 'What of tus 1.0.0 is spoken here',
    answers: { 204: NONE },
    open: true,
    tus: true,
  }),
  at('post', '/api/upload', 'uploads', {
    summary: 'Begin a resumable upload, under `upload_id` of its metadata if there is one, or join finished parts',
    answers: { 201: NONE },
    body: 'bytes',
    tus: true,
  }),
  at('head', '/api/upload/{id}', 'uploads', {
    summary: 'How many bytes are safely here (`Upload-Offset`); of a finished upload also which (`Repr-Digest`)',
    answers: { 200: NONE },
    tus: true,
  }),
  at('patch', '/api/upload/{id}', 'uploads', {
    summary: 'The bytes from `Upload-Offset` on; the last answer says which are stored now (`Repr-Digest`)',
    answers: { 204: NONE },
    body: 'bytes',
    tus: true,
  }),
  at('get', '/api/upload/{id}', 'uploads', {
    summary: 'The bytes of a finished upload; of a pack what became of each of its files',
    answers: { 200: { bytes: true }, 206: { bytes: true }, 304: NONE, 416: NONE },
    tus: true,
  }),
  at('delete', '/api/upload/{id}', 'uploads', {
    summary: 'Give an upload up',
    answers: { 204: NONE },
    tus: true,
  }),
];
