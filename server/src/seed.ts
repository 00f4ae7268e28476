import { newId, type Id, type Json, type JsonObject, type Kind } from '@cambium/protocol';
import type { ServerDeps } from './deps.ts';
import type { User, Write, Writer } from './writer/writer.ts';

interface Plan {
  kind: Kind;
  title: string;
  description?: string;
  more?: JsonObject;
  children?: Plan[];
  items?: { question: string; answers: [string, ...string[]] }[];
}

/** Creative Commons, attribution. */
const LICENSE = { license: 1, author: 'The Cambium makers', copyright_holder: 'The Cambium makers', language: 'en' };

const MASTERY = {
  options: { completion_criteria: { model: 'mastery', threshold: { mastery_model: 'do_all', m: null, n: null } } },
};

const COURSE: Plan[] = [
  {
    kind: 'document',
    title: 'Start here',
    description: 'What this course is about, and how long it takes: four afternoons, one of them outdoors.',
    more: { tags: { welcome: true } },
  },
  {
    kind: 'topic',
    title: 'The parts of a tree',
    description: 'From the tips of the roots to the last leaf.',
    children: [
      { kind: 'video', title: 'Roots and water', description: 'How a birch lifts a bathtub of water on a warm day.' },
      {
        kind: 'document',
        title: 'Bark, cambium, wood',
        description: 'One layer, a few cells thick, makes all the wood there is.',
        more: { tags: { cambium: true, wood: true } },
      },
      { kind: 'html5', title: 'Leaves and light', description: 'Move the sun and watch a leaf at work.' },
      {
        kind: 'exercise',
        title: 'Name the parts',
        description: 'Three questions on what you have seen.',
        more: { extra_fields: { randomize: true, ...MASTERY } },
        items: [
          { question: 'Which layer makes new wood?', answers: ['The cambium', 'The bark', 'The heartwood'] },
          { question: 'What carries water up the stem?', answers: ['Sapwood', 'Bark', 'Leaves'] },
          { question: 'What does one ring of a trunk stand for?', answers: ['A year', 'A month', 'A storm'] },
        ],
      },
    ],
  },
  {
    kind: 'topic',
    title: 'A year in the forest',
    description: 'The same clearing, four visits.',
    children: [
      { kind: 'slideshow', title: 'Spring: buds open', description: 'Twelve pictures, taken a day apart.' },
      { kind: 'audio', title: 'Summer: an hour before sunrise', description: 'Who sings first, and why.' },
      {
        kind: 'video',
        title: 'Autumn: why leaves turn',
        description: 'The green goes first; the yellow was there all along.',
      },
      {
        kind: 'document',
        title: 'Winter: reading buds and bark',
        description: 'A key to ten common trees without their leaves.',
      },
    ],
  },
  {
    kind: 'topic',
    title: 'Grow one yourself',
    description: 'An acorn, a pot and some patience.',
    children: [
      {
        kind: 'topic',
        title: 'From seed to seedling',
        description: 'The first hundred days.',
        children: [
          { kind: 'document', title: 'What you need', description: 'A list for a class of thirty.' },
          { kind: 'video', title: 'Sowing an acorn', description: 'Which way up? It does not mind.' },
        ],
      },
      {
        kind: 'document',
        title: 'A diary of growth',
        description: 'A page a week, to print.',
        more: { tags: { printable: true } },
      },
    ],
  },
  {
    kind: 'topic',
    title: 'For teachers',
    description: 'Only coaches see what is in here.',
    children: [
      {
        kind: 'document',
        title: 'Notes on every lesson',
        description: 'Timing, pitfalls, and questions that children ask.',
        more: { role_visibility: 'coach' },
      },
    ],
  },
];

/**
 * A small course, so that a first visitor finds something to work on: one channel of `user`, made by ordinary changes
 * in one commit. Returns the channel's id.
 */
export async function seed(
  writer: Writer,
  user: User,
  { clock, random }: Pick<ServerDeps, 'clock' | 'random'>,
): Promise<Id> {
  const channel = newId(clock.now(), random);
  const writes: Write[] = [];
  const create = (table: string, obj: Record<string, Json>, key = newId(clock.now(), random)) => {
    writes.push({ type: 'CREATED', table, key, channel_id: channel, obj });
    return key;
  };
  const plant = (parent: Id, plans: readonly Plan[]) => {
    for (const { kind, title, description = '', more = {}, children = [], items = [] } of plans) {
      const obj = { parent, kind, title, description, ...(kind === 'topic' ? {} : LICENSE), ...more };
      const node = create('contentnode', obj);
      plant(node, children);
      for (const [order, { question, answers }] of items.entries()) {
        const choices = answers.map((answer, index) => ({ answer, correct: index === 0, order: index }));
        create('assessmentitem', { contentnode: node, type: 'single_selection', question, answers: choices, order });
      }
    }
  };
  create(
    'channel',
    { name: 'How trees grow', description: 'A short course for curious people of ten and older.', language: 'en' },
    channel,
  );
  plant(channel, COURSE);
  const committed = await writer.commit({ user, writes, authority: 'user' });
  if (!committed.ok) throw new Error(`the seed was refused: ${JSON.stringify(committed.results)}`);
  return channel;
}
