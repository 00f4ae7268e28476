import type { User } from '../../writer/writer.ts';

/** A contributor edits what is their own, the administrator everything. */
export function mayEdit(user: User, owner: number): boolean {
  return user.admin || user.pk === owner;
}
