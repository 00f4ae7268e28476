import {
  BLANK_CHANNEL,
  BLANK_FILE,
  BLANK_ITEM,
  type ChannelRow,
  type FileRow,
  type Id,
  type ItemRow,
  type JsonObject,
} from '@cambium/protocol';
import { withoutNulls } from './fields.ts';

export function newChannel(id: Id, obj: JsonObject, at: string): ChannelRow {
  const fields = withoutNulls(obj, 'id') as Partial<ChannelRow>;
  return { ...BLANK_CHANNEL, name: '', ...fields, id, created: at, modified: at };
}

/** `obj.contentnode` is required. */
export function newItem(id: Id, channel: Id, obj: JsonObject, at: string): ItemRow {
  const fields = withoutNulls(obj, 'id') as Partial<ItemRow> & { contentnode: Id };
  return { ...BLANK_ITEM, assessment_id: id, ...fields, id, channel_id: channel, modified: at };
}

/** `obj` has to say whose it is (`uploaded_by`). */
export function newFile(id: Id, channel: Id | null, obj: JsonObject, at: string): FileRow {
  const fields = withoutNulls(obj, 'id') as Partial<FileRow> & { uploaded_by: Id };
  return {
    ...BLANK_FILE,
    checksum: '',
    file_size: null,
    file_format: '',
    original_filename: '',
    mime_type: '',
    ...fields,
    id,
    channel_id: channel,
    modified: at,
  };
}
