import { Refusal } from '@cambium/protocol';

/** An answer of Omeka that is no success: `{"message": …}`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const invalidKey = (): ApiError => new ApiError(403, 'Invalid key.');
export const noRecord = (): ApiError => new ApiError(404, 'Invalid record. Record not found.');
export const denied = (): ApiError => new ApiError(403, 'Permission denied.');
export const noObject = (): ApiError => new ApiError(400, 'Invalid request. Request body must be a JSON object.');
export const noSuchAction = (method: string): ApiError =>
  new ApiError(405, `This resource does not implement the "${method.toLowerCase()}" action.`);

/** What the rest of the server refuses, in Omeka's words; null for a fault of the server. */
export function toApiError(thrown: unknown): ApiError | null {
  if (thrown instanceof ApiError) return thrown;
  if (!(thrown instanceof Refusal)) return null;
  switch (thrown.error.code) {
    case 'quota_exceeded':
      return new ApiError(400, 'Invalid request. The file exceeds the storage that is left to its owner.');
    case 'too_large':
      return new ApiError(400, 'Invalid request. The file is larger than files may be.');
    case 'not_found':
      return noRecord();
    case 'forbidden':
      return denied();
    case 'busy':
      return new ApiError(503, 'The server is busy.');
    default:
      return null;
  }
}
