import type { Call } from './call.ts';
import { ApiError } from './errors.ts';

export const PER_PAGE = 50;

export interface Page {
  page: number;
  perPage: number;
}

/** What is no page is the first; what is no number of rows, or too many, is fifty. */
export function readPage(query: URLSearchParams): Page {
  const page = Number(query.get('page') ?? '1');
  const perPage = Number(query.get('per_page') ?? PER_PAGE);
  return {
    page: Number.isSafeInteger(page) && page > 0 && page < 1e9 ? page : 1,
    perPage: Number.isSafeInteger(perPage) && perPage > 0 && perPage <= PER_PAGE ? perPage : PER_PAGE,
  };
}

/** Says how many rows there are, and where the other pages of them lie. */
export function setPageHeaders({ req, res, query, base }: Call, { page, perPage }: Page, total: number): void {
  const last = Math.ceil(total / perPage);
  const path = req.path.replace(/\/+$/, '');
  const link = (to: number, rel: string) => `<${base}${path}?${queryOf(query, to, perPage)}>; rel="${rel}"`;
  const links = [link(1, 'first'), link(last, 'last')];
  if (page > 1) links.push(link(page - 1, 'prev'));
  if (page < last) links.push(link(page + 1, 'next'));
  res.setHeader('Omeka-Total-Results', String(total));
  res.setHeader('Link', links.join(', '));
}

/** The query that was sent without its key, at another page. */
function queryOf(query: URLSearchParams, page: number, perPage: number): string {
  const next = new URLSearchParams(query);
  next.delete('key');
  next.set('page', String(page));
  next.set('per_page', String(perPage));
  // PHP leaves no asterisk as it is.
  return next.toString().replaceAll('*', '%2A');
}

/** A moment of a filter, to be compared with stored time down to the second; a day is its beginning. */
export function readMoment(text: string): string {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:\.\d+)?\s*(Z|[+ -]\d\d:?\d\d)?)?$/i.exec(text.trim());
  const [, day, time = '00:00', seconds = ':00', zone = 'Z'] = match ?? [];
  // A plus sign that was not encoded arrives as a space.
  const offset = zone
    .toUpperCase()
    .replace(/^ /, '+')
    .replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  const at = match ? Date.parse(`${day}T${time}${seconds}${offset}`) : NaN;
  if (Number.isNaN(at)) throw new ApiError(500, `unsupported ISO8601 format (${text})`);
  return new Date(at).toISOString().slice(0, 19);
}

export function readFlag(text: string): boolean {
  return /^(?:1|true|on)$/i.test(text);
}
