import {
  applyMods,
  derivedId,
  LIMITS,
  type Change,
  type CopiedChange,
  type CreatedChange,
  type ErrorCode,
  type Id,
  type MovedChange,
} from '@cambium/protocol';
import { applied, refused, type ModelNode, type Prediction, type ModelTree } from './tree.ts';

export function modelNode(model: ModelTree, change: Change): Prediction {
  const key = change.key as Id;
  const node = model.nodes.get(key);
  if (change.type === 'CREATED') return create(model, key, change);
  if (change.type === 'COPIED') return copy(model, key, change);
  if (change.type === 'PUBLISHED') return refused('unknown_type');
  if (node === undefined) return change.type === 'DELETED' ? applied : refused('not_found');
  if (node.channel !== change.channel_id) return refused('cross_channel');
  if (change.type === 'UPDATED') {
    Object.assign(node.fields, applyMods(node.fields, change.mods));
    return applied;
  }
  if (node.parent === null) return refused('root', 'cycle');
  if (change.type === 'MOVED') return move(model, key, node, change);
  model.remove(key);
  return applied;
}

/** Index among the children of `parent`, as they are without `moved`. */
interface Spot {
  parent: Id;
  index: number;
}

type Located = { spot: Spot; codes?: undefined } | { spot?: undefined; codes: ErrorCode[] };

function locate(
  model: ModelTree,
  channel: Id,
  place: { target: Id; position?: string | undefined; parent?: Id | undefined },
  moved: Id | null,
): Located {
  const { target, position = 'last-child', parent } = place;
  const siblings = (id: Id): Id[] => model.node(id).children.filter((child) => child !== moved);
  const node = model.nodes.get(target);
  const isBeside = position === 'left' || position === 'right';
  if (node !== undefined && node.channel !== channel) return { codes: ['cross_channel'] };
  if (node !== undefined && !isBeside) {
    return { spot: { parent: target, index: position === 'first-child' ? 0 : siblings(target).length } };
  }
  if (node !== undefined && node.parent === null) return { codes: ['root', 'invalid_position'] };
  const isThere = node !== undefined && (parent === undefined || parent === node.parent || target === moved);
  if (isThere) {
    const { children } = model.node(node.parent as Id);
    if (target === moved) return { spot: { parent: node.parent as Id, index: children.indexOf(target) } };
    const index = siblings(node.parent as Id).indexOf(target) + (position === 'right' ? 1 : 0);
    return { spot: { parent: node.parent as Id, index } };
  }
  if (!isBeside || parent === undefined) return { codes: ['not_found'] };
  const seen = model.nodes.get(parent);
  if (seen === undefined) return { codes: ['not_found'] };
  if (seen.channel !== channel) return { codes: ['cross_channel'] };
  return { spot: { parent, index: siblings(parent).length } };
}

function put(model: ModelTree, id: Id, { parent, index }: Spot): void {
  model.node(id).parent = parent;
  model.node(parent).children.splice(index, 0, id);
}

function limits(model: ModelTree, parent: Id, height: number): ErrorCode[] {
  return model.ancestors(parent).length + height > LIMITS.depth ? ['too_deep'] : [];
}

function create(model: ModelTree, key: Id, change: CreatedChange): Prediction {
  const { parent, kind, ...fields } = change.obj;
  const seen = (parent ?? undefined) as Id | undefined;
  const place = { target: change.target ?? (seen as Id), position: change.position, parent: seen };
  const { spot, codes = [] } = locate(model, change.channel_id, place, null);
  if (!model.isFree('contentnode', key, change.channel_id)) codes.push('already_exists');
  if (spot !== undefined) codes.push(...limits(model, spot.parent, 0));
  if (codes.length > 0 || spot === undefined) return refused(...codes);
  model.nodes.set(key, {
    channel: change.channel_id,
    parent: null,
    children: [],
    fields: { kind: kind ?? null, ...fields },
  });
  put(model, key, spot);
  return applied;
}

function move(model: ModelTree, key: Id, node: ModelNode, change: MovedChange): Prediction {
  const { spot, codes } = locate(model, change.channel_id, change, key);
  if (spot === undefined) return refused(...codes);
  if (model.ancestors(spot.parent).includes(key)) return refused('cycle');
  const tooDeep = limits(model, spot.parent, model.height(key));
  if (tooDeep.length > 0) return refused(...tooDeep);
  const old = model.node(node.parent as Id);
  old.children = old.children.filter((child) => child !== key);
  put(model, key, spot);
  return applied;
}

function copy(model: ModelTree, key: Id, change: CopiedChange): Prediction {
  const { spot, codes = [] } = locate(model, change.channel_id, change, null);
  if (!model.nodes.has(change.from_key)) return refused('not_found', ...codes);
  if (!model.isFree('contentnode', key, change.channel_id)) codes.push('already_exists');
  const sources = model.walk(change.from_key, change.excluded_descendants);
  const copyOf = (id: Id): Id => (id === change.from_key ? key : derivedId(key, id));
  const free = (table: string, ids: Id[]): boolean => ids.every((id) => model.isFree(table, id, change.channel_id));
  const items = [...model.items].filter(([, item]) => sources.includes(item.node));
  const files = [...model.files].filter(
    ([, file]) => sources.includes(file.contentnode ?? '') || items.some(([item]) => item === file.item),
  );
  const areFree =
    free('contentnode', sources.map(copyOf)) &&
    free(
      'assessmentitem',
      items.map(([id]) => copyOf(id)),
    ) &&
    free(
      'file',
      files.map(([id]) => copyOf(id)),
    );
  if (!areFree) codes.push('already_exists');
  if (spot !== undefined) {
    const depths = sources.map((id) => model.ancestors(id).length - model.ancestors(change.from_key).length);
    codes.push(...limits(model, spot.parent, Math.max(...depths)));
  }
  if (codes.length > 0 || spot === undefined) return refused(...codes);

  // All sources are read before the first copy is put anywhere: the copy may stand inside its own source.
  const copies = sources.map((id) => ({ id: copyOf(id), source: model.node(id) }));
  const made = copies.map(({ id, source }): [Id, ModelNode] => {
    const children = source.children.filter((child) => sources.includes(child)).map(copyOf);
    const parent = source.parent === null ? null : copyOf(source.parent);
    return [id, { channel: change.channel_id, parent, children, fields: { ...source.fields } }];
  });
  for (const [id, node] of made) model.nodes.set(id, node);
  put(model, key, spot);
  for (const [id, item] of items) model.items.set(copyOf(id), { channel: change.channel_id, node: copyOf(item.node) });
  for (const [id, file] of files) {
    const owners = {
      contentnode: sources.includes(file.contentnode ?? '') ? copyOf(file.contentnode as Id) : null,
      item: items.some(([item]) => item === file.item) ? copyOf(file.item as Id) : null,
    };
    model.files.set(copyOf(id), { ...file, channel: change.channel_id, ...owners });
  }
  const { fields } = model.node(key);
  Object.assign(fields, applyMods(fields, change.mods ?? {}));
  return applied;
}
