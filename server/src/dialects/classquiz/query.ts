import { Detail, type Invalid } from './errors.ts';

function refuse(invalid: Invalid): never {
  throw new Detail(422, [invalid]);
}

/** The last of the values that were given, as FastAPI takes it. */
function lastText(value: unknown): string {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'string' ? last : '';
}

/** `?since=`: a date, with or without a time and a zone (UTC when none is given), or seconds since 1970. */
export function readSince(value: unknown): string | null {
  if (value === undefined) return null;
  const text = lastText(value);
  // A plus sign that was not encoded arrives as a space.
  const iso = text.trim().replace(/ (\d\d:?\d\d)$/, '+$1');
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/i.exec(iso);
  const [, date, time = '00:00', zone = 'Z'] = match ?? [];
  const at = match
    ? Date.parse(
        `${date}T${time.replace(/(\.\d{3})\d+$/, '$1')}${zone.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`,
      )
    : /^-?\d{1,12}(?:\.\d+)?$/.test(text)
      ? Number(text) * 1000
      : NaN;
  if (!Number.isNaN(at) && Math.abs(at) <= 8.64e15) return new Date(at).toISOString();
  return refuse({
    type: 'datetime_from_date_parsing',
    loc: ['query', 'since'],
    msg: 'Input should be a valid datetime or date, invalid character in year',
    input: text,
    ctx: { error: 'invalid character in year' },
  });
}

/** `?count=`: how many at most, 50 when nothing is said. */
export function readCount(value: unknown, most: number): number {
  if (value === undefined) return most;
  const text = lastText(value);
  const loc = ['query', 'count'];
  if (!/^\s*[+-]?\d{1,15}(?:\.0*)?\s*$/.test(text)) {
    const msg = 'Input should be a valid integer, unable to parse string as an integer';
    return refuse({ type: 'int_parsing', loc, msg, input: text });
  }
  const count = Math.trunc(Number(text));
  if (count < 0) {
    const msg = 'Input should be greater than or equal to 0';
    return refuse({ type: 'greater_than_equal', loc, msg, input: text, ctx: { ge: 0 } });
  }
  return Math.min(count, most);
}
