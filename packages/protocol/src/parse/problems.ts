import { protocolError, type ErrorCode, type ProtocolError } from '../error.ts';

/** A refusal names at most this many reasons: enough to mend a form, too few to answer abuse at length. */
const MOST = 20;
/** Names of what was left out travel in the outcome and are kept with it: no honest client has this many. */
const MOST_IGNORED = 1000;

/** What is wrong with one change, and what of it was left out. */
export class Problems {
  readonly errors: ProtocolError[] = [];
  readonly ignored: string[] = [];

  add(code: ErrorCode, field: string, message?: string): void {
    if (this.errors.length < MOST) this.errors.push(protocolError(code, { ...(message && { message }), field }));
  }

  invalid(field: string, message: string): void {
    this.add('invalid_value', field, message);
  }

  missing(field: string): void {
    this.add('missing_field', field, `The field ${field} is missing.`);
  }

  ignore(path: string): void {
    if (this.ignored.length < MOST_IGNORED) this.ignored.push(path);
  }

  get any(): boolean {
    return this.errors.length > 0;
  }
}
