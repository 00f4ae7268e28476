import { newId, POSITIONS, type Id, type JsonObject, type Mods, type Position } from '@cambium/protocol';
import type { Channel, ChannelChange } from '@cambium/client';
import { rowOf } from '../fates.ts';
import type { Run } from '../run.ts';
import type { Tab } from '../tab.ts';
import type { Random } from '../world/random.ts';
import { drawInner, drawNode, insideUnsyncedCopies, shownNodes, type Shown } from './nodes.ts';
import { drawTab, type Step } from './step.ts';

/** What an edit chooses from: a tab, one of its channels, and the nodes that it shows there. */
interface Scene {
  run: Run;
  random: Random;
  tab: Tab;
  id: Id;
  channel: Channel;
  nodes: Shown[];
}

type Edit = (scene: Scene) => Promise<void>;

/** Copies double what they copy: subtrees beyond this many nodes are left alone. */
const MOST_COPIED = 15;

/** More than this many nodes make a run slow and no more likely to find anything. */
const MOST_NODES = 70;

function edit(work: Edit): Step {
  return async (run, random) => {
    const tab = drawTab(run, random);
    if (!tab) return;
    const id = random.one(run.channels);
    const seen = await run.until(Promise.race([shownNodes(tab, id), tab.death]));
    if (seen === 'died' || seen.length === 0) return;
    const copied = random.chance(25) ? await run.until(Promise.race([insideUnsyncedCopies(tab, seen), tab.death])) : [];
    if (copied === 'died') return;
    const nodes = copied.length > 0 ? copied : seen;
    await work({ run, random, tab, id, channel: tab.client.channel(id), nodes });
  };
}

/** The node that an edit is about: often the one before, as people work on one thing for a while. Never the root. */
function drawSubject({ random, tab, nodes }: Scene): Shown | null {
  const last = random.chance(35)
    ? nodes.find(({ id, parent }) => id === tab.device.lastEdited && parent !== null)
    : undefined;
  return last ?? drawInner(nodes, random);
}

function drawPlace({ random, nodes, id }: Scene): { target: Id; position: Position } {
  const target = random.chance(10) ? id : drawNode(nodes, random).id;
  return { target, position: random.one(POSITIONS) };
}

const TITLES = ['Rome', 'Athens', 'Sparta', 'Troy', 'Ithaca'];

function drawMods(random: Random): Mods {
  return random.one<Mods>([
    { title: `${random.one(TITLES)} ${random.below(1000)}` },
    { title: `${random.one(TITLES)} ${random.below(1000)}`, description: `about ${random.below(1000)}` },
    { 'tags.ancient': true },
    { 'tags.ancient': null, 'tags.modern': true },
    { 'grade_levels.L1.2': random.one([true, null]) },
    { 'extra_fields.options.modality': random.one(['QUIZ', null]) },
    { 'extra_fields.note': { deep: [random.below(10)] } },
    { license: 1, author: 'Homer', copyright_holder: 'Homer' },
    { license: null, role_visibility: random.one(['coach', 'learner']) },
  ]);
}

function act(
  scene: Scene,
  type: string,
  table: string,
  key: Id | [Id, Id],
  what: string,
  work: () => Promise<unknown>,
): Promise<void> {
  const name = [key].flat().map((id) => id.slice(-4));
  if (table === 'contentnode') scene.tab.device.lastEdited = key as Id;
  return scene.run.act(
    scene.tab,
    { kind: 'change', row: rowOf(table, key), type },
    `${type} ${table} ${name.join(',')} ${what}`,
    work,
  );
}

function freshId({ run, random, tab }: Scene): Id {
  return newId(run.world.time.now() + tab.device.clockOffset, random.bytes);
}

export const create = edit(async (scene) => {
  const { random, channel, nodes } = scene;
  if (nodes.length > MOST_NODES) return;
  const id = freshId(scene);
  const kind = random.one(['topic', 'topic', 'video', 'exercise']);
  const more = random.chance(30) ? { license: 1, author: 'Homer', tags: { old: true } } : {};
  const place = random.chance(40) ? { parent: drawNode(nodes, random).id } : drawPlace(scene);
  const node = { kind, title: random.chance(5) ? '' : random.one(TITLES), ...more, ...place };
  await act(scene, 'CREATED', 'contentnode', id, placeText(place), () =>
    channel.create(node as Parameters<Channel['create']>[0], { id }),
  );
});

export const update = edit(async (scene) => {
  const { random, channel, nodes } = scene;
  const { id } = drawSubject(scene) ?? drawNode(nodes, random);
  const mods = drawMods(random);
  await act(scene, 'UPDATED', 'contentnode', id, JSON.stringify(mods), () => channel.update(id, mods));
});

export const move = edit(async (scene) => {
  const node = drawSubject(scene);
  if (!node) return;
  const place = drawPlace(scene);
  await act(scene, 'MOVED', 'contentnode', node.id, placeText(place), () => scene.channel.move(node.id, place));
});

export const copy = edit(async (scene) => {
  const { random, channel, nodes, run, tab } = scene;
  const elsewhere = run.channels.filter((one) => one !== scene.id);
  const from = elsewhere.length > 0 && random.chance(20) ? random.one(elsewhere) : null;
  const sources = from === null ? nodes : await run.until(Promise.race([shownNodes(tab, from), tab.death]));
  if (sources === 'died' || sources.length === 0) return;
  const source = drawNode(sources, random);
  const below = belowOf(source.id, sources);
  if (below.length > MOST_COPIED || nodes.length + below.length > MOST_NODES) return;
  const id = freshId(scene);
  const excluded = below.filter(() => random.chance(15)).map((node) => node.id);
  const mods = random.chance(40) ? { mods: drawMods(random) } : {};
  const place = drawPlace(scene);
  await act(scene, 'COPIED', 'contentnode', id, `of ${source.id.slice(-4)} ${placeText(place)}`, () =>
    channel.copy(source.id, { ...place, excluded, ...mods }, { id }),
  );
});

export const remove = edit(async (scene) => {
  const node = drawSubject(scene);
  if (!node || (belowOf(node.id, scene.nodes).length > 8 && scene.random.chance(80))) return;
  await act(scene, 'DELETED', 'contentnode', node.id, '', () => scene.channel.remove(node.id));
});

/** Several edits that apply together or not at all. */
export const group = edit(async (scene) => {
  const { random, channel, nodes, run, tab } = scene;
  const id = freshId(scene);
  const parent = drawNode(nodes, random).id;
  const moved = drawInner(nodes, random);
  const renamed = drawNode(nodes, random).id;
  const place = drawPlace(scene);
  const mods = drawMods(random);
  await run.act(tab, { kind: 'group' }, `group of ${id.slice(-4)} under ${parent.slice(-4)}`, () =>
    channel.group(async (changes) => {
      await changes.create({ parent, kind: 'topic', title: 'Grouped' }, { id });
      await changes.update(renamed, mods);
      if (moved) await changes.move(moved.id, random.chance(50) ? { target: id } : place);
    }),
  );
});

export const prerequisite = edit(async (scene) => {
  const { random, nodes, tab, run } = scene;
  const pairs = await run.until(Promise.race([tab.client.database.contentnode_prerequisite.toArray(), tab.death]));
  if (pairs === 'died') return;
  const own = pairs.filter(({ channel_id }) => channel_id === scene.id);
  if (own.length > 0 && random.chance(40)) {
    const { target_node, prerequisite: other } = random.one(own);
    await change(scene, { type: 'DELETED', table: 'contentnode_prerequisite', key: [target_node, other] });
  } else {
    const key: [Id, Id] = [drawNode(nodes, random).id, drawNode(nodes, random).id];
    await change(scene, { type: 'CREATED', table: 'contentnode_prerequisite', key, obj: {} });
  }
});

export const item = edit((scene) => {
  const { random, nodes } = scene;
  const obj = {
    contentnode: drawNode(nodes, random).id,
    type: 'single_selection',
    question: random.one(TITLES),
    answers: [],
    hints: [],
  };
  return hanging(scene, 'assessmentitem', obj, { question: random.one(TITLES), order: random.below(9) });
});

export const file = edit((scene) => {
  const { random, nodes } = scene;
  const obj = {
    contentnode: drawNode(nodes, random).id,
    checksum: random.one(['0', '1']).repeat(32),
    size: random.between(1, 9),
    name: 'film.mp4',
    file_format: 'mp4',
    preset: 'high_res_video',
    duration: 60,
  };
  return hanging(
    scene,
    'file',
    obj,
    random.one<JsonObject>([{ contentnode: drawNode(nodes, random).id }, { language: random.one(['en', null]) }]),
  );
});

export const rename = edit((scene) =>
  change(scene, {
    type: 'UPDATED',
    table: 'channel',
    key: scene.id,
    mods: { name: `Course ${scene.random.below(100)}` },
  }),
);

export const publish = edit((scene) => change(scene, { type: 'PUBLISHED', table: 'channel', key: scene.id }));

/** Makes, changes or deletes a row that hangs on a node. */
async function hanging(
  scene: Scene,
  table: 'assessmentitem' | 'file',
  obj: JsonObject,
  mods: JsonObject,
): Promise<void> {
  const { random, tab, run, id } = scene;
  const all = await run.until(Promise.race([tab.client.database.table(table).toArray(), tab.death]));
  if (all === 'died') return;
  const own = (all as { id: Id; channel_id: Id | null }[]).filter(({ channel_id }) => channel_id === id);
  const key = own.length > 0 && random.chance(60) ? random.one(own).id : null;
  if (key === null) await change(scene, { type: 'CREATED', table, key: freshId(scene), obj });
  else if (random.chance(70)) await change(scene, { type: 'UPDATED', table, key, mods });
  else await change(scene, { type: 'DELETED', table, key });
}

function change(scene: Scene, { type, table, key, ...rest }: ChannelChange): Promise<void> {
  const what = JSON.stringify(rest['mods'] ?? '');
  return act(scene, type, table, key, what, () => scene.channel.change({ type, table, key, ...rest } as ChannelChange));
}

function belowOf(id: Id, nodes: readonly Shown[]): Shown[] {
  const children = nodes.filter(({ parent }) => parent === id);
  return children.flatMap((child) => [child, ...belowOf(child.id, nodes)]);
}

function placeText(place: object): string {
  return Object.values(place as Record<string, string>)
    .map((value) => (value.length === 32 ? value.slice(-4) : value))
    .join(' ');
}
