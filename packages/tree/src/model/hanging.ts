import type { Change, Id } from '@cambium/protocol';
import { applied, refused, type ModelFile, type Prediction, type ModelTree } from './tree.ts';

export function modelChannel(model: ModelTree, change: Change): Prediction {
  const key = change.key as Id;
  const root = model.nodes.get(key);
  switch (change.type) {
    case 'CREATED':
      if (!model.isFree('channel', key, key)) return refused('already_exists');
      model.nodes.set(key, {
        channel: key,
        parent: null,
        children: [],
        fields: { kind: 'topic', title: change.obj['name'] ?? '' },
      });
      return applied;
    case 'UPDATED':
      if (root === undefined) return refused('not_found');
      if (change.mods['name'] !== undefined) root.fields['title'] = change.mods['name'];
      return applied;
    case 'PUBLISHED':
      return root === undefined ? refused('not_found') : applied;
    case 'DELETED':
      if (root !== undefined) model.remove(key);
      model.dead.set(key, 'channel');
      return applied;
    default:
      return refused('unknown_type');
  }
}

export function modelItem(model: ModelTree, change: Change): Prediction {
  const key = change.key as Id;
  const item = model.items.get(key);
  if (change.type === 'CREATED') {
    const owner = change.obj['contentnode'] as Id;
    const node = model.nodes.get(owner);
    if (node === undefined) return refused('not_found', 'already_exists');
    if (node.channel !== change.channel_id) return refused('cross_channel', 'already_exists');
    if (!model.isFree('assessmentitem', key, change.channel_id)) return refused('already_exists');
    model.items.set(key, { channel: change.channel_id, node: owner });
    return applied;
  }
  if (change.type !== 'UPDATED' && change.type !== 'DELETED') return refused('unknown_type');
  if (item === undefined) return change.type === 'DELETED' ? applied : refused('not_found');
  if (item.channel !== change.channel_id) return refused('cross_channel');
  if (change.type === 'DELETED') model.removeItem(key, change.channel_id);
  return applied;
}

export function modelFile(model: ModelTree, change: Change): Prediction {
  const key = change.key as Id;
  const file = model.files.get(key);
  if (change.type === 'CREATED') return createFile(model, key, change.obj, change.channel_id);
  if (change.type !== 'UPDATED' && change.type !== 'DELETED') return refused('unknown_type');
  if (file === undefined) return change.type === 'DELETED' ? applied : refused('not_found');
  if (file.channel !== null && file.channel !== change.channel_id) return refused('cross_channel');
  if (change.type === 'DELETED') {
    model.files.delete(key);
    // What belonged to no channel may come back in any.
    model.dead.set(key, `file ${file.channel ?? '*'}`);
    return applied;
  }
  return attach(model, file, change.mods, change.channel_id);
}

function createFile(model: ModelTree, key: Id, obj: Record<string, unknown>, channel: Id): Prediction {
  const there = model.files.get(key);
  if (there === undefined && !model.isFree('file', key, channel)) return refused('already_exists');
  const isSame =
    there !== undefined &&
    there.uploader === model.user &&
    there.checksum === obj['checksum'] &&
    there.size === obj['file_size'] &&
    (there.channel === null || there.channel === channel);
  if (there !== undefined && !isSame) return refused('already_exists');
  const { checksum, file_size: size } = obj;
  const file = there ?? { uploader: model.user, channel: null, contentnode: null, item: null, checksum, size };
  const prediction = attach(model, file, obj, channel);
  if (prediction.ok) model.files.set(key, file);
  return prediction;
}

/** A file is in the channel of what it hangs on; one that hangs on nothing has no business in a channel's log. */
function attach(model: ModelTree, file: ModelFile, wanted: Record<string, unknown>, channel: Id): Prediction {
  const { contentnode: newNode, assessment_item: newItem } = wanted as Record<string, Id | null | undefined>;
  const contentnode = newNode === undefined ? (newItem ? null : file.contentnode) : newNode;
  const item = newItem === undefined ? (newNode ? null : file.item) : newItem;
  if (contentnode !== null && item !== null) return refused('invalid_value');
  const channels = [
    ...(contentnode === null ? [] : [model.nodes.get(contentnode)?.channel]),
    ...(item === null ? [] : [model.items.get(item)?.channel]),
  ];
  if (channels.includes(undefined)) return refused('not_found', 'cross_channel');
  if (channels.some((at) => at !== channel)) return refused('cross_channel');
  if (channels.length === 0 && file.channel === null) return refused('missing_field', 'not_found');
  Object.assign(file, { contentnode, item, channel: channels.length > 0 ? channel : null });
  return applied;
}

export function modelPair(model: ModelTree, change: Change): Prediction {
  const [target, other] = change.key as [Id, Id];
  const at = (a: Id, b: Id): Id | undefined => model.pairs.get(`${a}:${b}`);
  if (change.type === 'DELETED') {
    const channel = at(target, other);
    if (channel !== undefined && channel !== change.channel_id) return refused('cross_channel');
    model.pairs.delete(`${target}:${other}`);
    return applied;
  }
  if (change.type !== 'CREATED') return refused('unknown_type');
  const ends = [target, other].map((id) => model.nodes.get(id)?.channel);
  if (ends.includes(undefined)) return refused('not_found', 'cross_channel', 'cycle');
  if (ends.some((channel) => channel !== change.channel_id)) return refused('cross_channel', 'cycle');
  if (target === other || at(other, target) !== undefined) return refused('cycle');
  if (at(target, other) !== undefined) return refused('already_exists');
  model.pairs.set(`${target}:${other}`, change.channel_id);
  return applied;
}
