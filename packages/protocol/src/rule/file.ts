import { protocolError, type ProtocolError } from '../error.ts';
import type { FileRow } from '../row.ts';
import { FORMATS, isFormat, isTimed } from '../vocabulary/format.ts';
import { isFormatAllowed, isPresetName } from '../vocabulary/preset.ts';

/**
 * What is wrong between format, preset and duration. A file without a preset may have any format and lack a duration:
 * an upload that has not said yet what it is for, or a file of a collection that is for nothing in particular.
 */
export function fileProblems(file: Pick<FileRow, 'file_format' | 'preset' | 'duration'>): ProtocolError[] {
  const { file_format: format, preset, duration } = file;
  const problems: ProtocolError[] = [];
  if (preset !== null && !isFormat(format))
    problems.push(
      protocolError('invalid_value', {
        field: 'file_format',
        message: `With a preset, the format must be one of: ${Object.keys(FORMATS).join(', ')}.`,
      }),
    );
  else if (preset !== null && (!isPresetName(preset) || !isFormatAllowed(format, preset)))
    problems.push(
      protocolError('invalid_value', {
        field: 'preset',
        message: `The preset ${preset} does not allow the format ${format}.`,
      }),
    );
  if (duration === null && preset !== null && isTimed(format))
    problems.push(protocolError('invalid_value', { field: 'duration', message: 'Audio and video need a duration.' }));
  if (duration !== null && isFormat(format) && !isTimed(format))
    problems.push(
      protocolError('invalid_value', { field: 'duration', message: 'Only audio and video have a duration.' }),
    );
  return problems;
}
