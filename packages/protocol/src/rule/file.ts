import { protocolError, type ProtocolError } from '../error.ts';
import type { FileRow } from '../row.ts';
import { FORMATS, isFormat, isTimed } from '../vocabulary/format.ts';
import { ATTACHMENT, isFormatAllowed, isPresetName } from '../vocabulary/preset.ts';

/**
 * What is wrong between format, preset and duration. A file without a preset is an upload that has not said yet what
 * it is for, and an attachment is for nothing in particular: both may have any format and lack a duration.
 */
export function fileProblems(file: Pick<FileRow, 'file_format' | 'preset' | 'duration'>): ProtocolError[] {
  const { file_format: format, preset, duration } = file;
  const problems: ProtocolError[] = [];
  const bound = preset !== null && preset !== ATTACHMENT;
  if (bound && !isFormat(format))
    problems.push(
      protocolError('invalid_value', {
        field: 'file_format',
        message: `It must be one of: ${Object.keys(FORMATS).join(', ')}.`,
      }),
    );
  else if (bound && (!isPresetName(preset) || !isFormatAllowed(format, preset)))
    problems.push(
      protocolError('invalid_value', {
        field: 'preset',
        message: `The preset ${preset} does not allow the format ${format}.`,
      }),
    );
  if (duration === null && bound && isTimed(format))
    problems.push(protocolError('invalid_value', { field: 'duration', message: 'Audio and video need a duration.' }));
  if (duration !== null && isFormat(format) && !isTimed(format))
    problems.push(
      protocolError('invalid_value', { field: 'duration', message: 'Only audio and video have a duration.' }),
    );
  return problems;
}
