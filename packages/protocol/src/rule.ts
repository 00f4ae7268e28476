export { completeness, isDecisive } from './rule/completeness.ts';
export { normalExtraFields } from './rule/extraFields.ts';
export { fileProblems } from './rule/file.ts';
export { validateNode, validateRow } from './rule/row.ts';
export { textLength } from './rule/size.ts';
