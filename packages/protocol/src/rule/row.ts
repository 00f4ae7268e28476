import { protocolError, type ProtocolError } from '../error.ts';
import { LIMITS } from '../limit.ts';
import type { FileRow, NodeRow, Rows, Table } from '../row.ts';
import { criteriaRefusal } from './criteria.ts';
import { fileProblems } from './file.ts';
import { isLargerThan } from './size.ts';

/** What is wrong with a node as a whole, after a change was laid on. */
export function validateNode(row: NodeRow): ProtocolError[] {
  const problems = sizeProblems(row);
  const refusal = criteriaRefusal(row);
  if (refusal !== null) problems.push(protocolError('invalid_value', refusal));
  return problems;
}

/** What is wrong with a row of any table as a whole, after a change was laid on. */
export function validateRow<Name extends Table>(table: Name, row: Rows[Name]): ProtocolError[] {
  if (table === 'contentnode') return validateNode(row as NodeRow);
  const problems = sizeProblems(row);
  if (table === 'file') problems.push(...fileProblems(row as FileRow));
  return problems;
}

function sizeProblems(row: object): ProtocolError[] {
  if (!isLargerThan(row, LIMITS.row)) return [];
  return [protocolError('too_large', { message: `A row has at most ${LIMITS.row} bytes as JSON.` })];
}
