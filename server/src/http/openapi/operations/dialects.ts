import { foreign, type HttpMethod, type Operation } from '../operation.ts';

const STORAGE = '/api/v1/storage';

const classquiz = (method: HttpMethod, path: string, summary: string) =>
  foreign('classquiz', method, STORAGE + path, summary);

/** Omeka's resources with what can be done with one of them. */
const RESOURCES: Record<string, readonly HttpMethod[]> = {
  files: ['get', 'put', 'delete'],
  items: ['get', 'put', 'delete'],
  element_sets: ['get'],
  elements: ['get'],
};

const omeka = Object.entries(RESOURCES).flatMap(([name, methods]) => [
  foreign('omeka', 'get', `/api/${name}`, `List ${name}`),
  ...(methods.includes('put') ? [foreign('omeka', 'post', `/api/${name}`, `Add to ${name}`)] : []),
  ...methods.map((method) => foreign('omeka', method, `/api/${name}/{id}`, `${method.toUpperCase()} one of ${name}`)),
]);

/** The file APIs of ClassQuiz, Omeka Classic and Learnosity, as far as they are served here. */
export const FOREIGN: readonly Operation[] = [
  classquiz('post', '', 'Store a file from a form'),
  classquiz('post', '/raw', 'Store the body as a file'),
  classquiz('get', '/download/{name}', 'The bytes of a file'),
  classquiz('head', '/download/{name}', 'Is there such a file?'),
  classquiz('get', '/info/{name}', 'What is known of a file'),
  classquiz('get', '/meta/{id}', "One's own file"),
  classquiz('put', '/meta/{id}', 'Describe a file'),
  classquiz('delete', '/meta/{id}', 'Delete a file'),
  classquiz('get', '/list', "One's own files"),
  classquiz('get', '/list/last', 'The latest of them'),
  classquiz('get', '/limit', 'How much may still be stored'),
  foreign('classquiz', 'post', '/api/v1/login/start', 'Begin a login'),
  foreign('classquiz', 'post', '/api/v1/login/step/1', 'End it with a token as the password'),
  ...omeka,
  foreign('omeka', 'get', '/api/site', 'About this site'),
  foreign('omeka', 'get', '/api/resources', 'What can be asked for'),
  foreign('omeka', 'get', '/files/{folder}/{name}', 'The bytes of a file or of a picture of it'),
  foreign('learnosity', 'post', '/{version}/itembank/upload/assets', 'Signed addresses for uploads'),
];
