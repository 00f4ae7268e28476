import { isJsonObject } from '../json.ts';
import type { FileRow, ItemRow, NodeRow } from '../row.ts';
import { LICENSES, isLicenseId } from '../vocabulary/license.ts';
import { presetOf } from '../vocabulary/preset.ts';
import { criteriaOf, hasOldMastery, isUnit, isValidCriteria } from './criteria.ts';

/** What completeness may ask of the world around a node. */
export interface Look {
  isRoot: boolean;
  /** Files of the node itself. Asked only when nothing else decides. */
  files(): Iterable<FileRow>;
  /** Assessment items of the node. Asked only when nothing else decides. */
  items(): Iterable<ItemRow>;
}

/** Why a node is not complete, one sentence each; it is complete when there is none. */
export function completeness(node: NodeRow, look: Look): string[] {
  const problems: string[] = [];
  if (!look.isRoot && node.title === '') problems.push('It has no title.');
  if (node.kind !== 'topic') problems.push(...licenseProblems(node));
  problems.push(...criteriaProblems(node));
  if (problems.length > 0) return problems;
  if (node.kind === 'exercise')
    return some(look.items(), isAnswerable) ? [] : ['It has no question with complete answers.'];
  if (node.kind !== 'topic') return some(look.files(), isContent) ? [] : ['It has no uploaded file of its content.'];
  return [];
}

/** Is the row, which hangs on the node, one of those of which a complete node has at least one? */
export function isDecisive({ kind }: NodeRow, table: 'file' | 'assessmentitem', row: FileRow | ItemRow): boolean {
  if (kind === 'exercise') return table === 'assessmentitem' && isAnswerable(row as ItemRow);
  return kind !== 'topic' && table === 'file' && isContent(row as FileRow);
}

function licenseProblems(node: NodeRow): string[] {
  if (!isLicenseId(node.license)) return ['It has no licence.'];
  const { custom, needsHolder } = LICENSES[node.license];
  const problems: string[] = [];
  if (custom && !node.license_description) problems.push('Its licence needs a description.');
  if (needsHolder && node.copyright_holder === '') problems.push('Its licence needs a copyright holder.');
  return problems;
}

function criteriaProblems(node: NodeRow): string[] {
  if (criteriaOf(node) !== null) return isValidCriteria(node) ? [] : ['Its completion criteria are not valid.'];
  if (node.kind === 'exercise' && !hasOldMastery(node)) return ['It does not say when it is mastered.'];
  if (isUnit(node)) return ['A unit needs completion criteria.'];
  return [];
}

function isContent(file: FileRow): boolean {
  return file.uploaded && presetOf(file.preset)?.supplementary === false;
}

/** A question that a learner can answer and that can be judged; one in raw data is taken at its word. */
function isAnswerable(item: ItemRow): boolean {
  if (item.raw_data !== '') return true;
  if (item.question === '') return false;
  if (item.type === 'free_response') return true;
  if (item.type === 'input_question') return item.answers.length > 0;
  return item.answers.some((answer) => isJsonObject(answer) && answer.correct === true);
}

function some<Value>(values: Iterable<Value>, test: (value: Value) => boolean): boolean {
  for (const value of values) if (test(value)) return true;
  return false;
}
