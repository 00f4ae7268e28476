import type { Id } from '@cambium/protocol';
import { Refusal } from '@cambium/protocol';
import fc from 'fast-check';
import type { CambiumClient, ChannelChange } from '../index.ts';

/** A random edit: which one, and numbers that choose among what there is. */
export interface Edit {
  kind: 'create' | 'update' | 'move' | 'copy' | 'remove' | 'group' | 'write' | 'pair' | 'item' | 'tag' | 'rename';
  a: number;
  b: number;
  position: 'first-child' | 'last-child' | 'left' | 'right';
}

export const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom(
    'create',
    'create',
    'update',
    'update',
    'move',
    'move',
    'copy',
    'remove',
    'group',
    'write',
    'pair',
    'item',
    'tag',
    'rename',
  ),
  a: fc.nat(60),
  b: fc.nat(60),
  position: fc.constantFrom('first-child', 'last-child', 'left', 'right'),
});

/** Makes the edit on what the client shows. What cannot be is refused and forgotten. */
export async function act(
  client: CambiumClient,
  channelId: Id,
  { kind, a, b, position }: Edit,
  serial: number,
): Promise<void> {
  const channel = client.channel(channelId);
  const ids: Id[] = [];
  for await (const { id } of client.rows(channelId)) ids.push(id);
  const one = ids[a % ids.length] as Id;
  const two = ids[b % ids.length] as Id;
  try {
    switch (kind) {
      case 'create':
        await channel.create(
          { target: two, position, kind: a % 3 === 0 ? 'document' : 'topic', title: `n${serial}` },
          { id: idOf(serial) },
        );
        return;
      case 'update':
        return await channel.update(one, {
          title: `t${serial}`,
          'extra_fields.options.modality': a % 2 ? 'QUIZ' : null,
        });
      case 'tag':
        return await channel.update(one, { [`tags.t${b % 3}`]: a % 2 === 0 ? true : null, description: `d${serial}` });
      case 'rename':
        return await channel.change({
          type: 'UPDATED',
          table: 'channel',
          key: channelId,
          mods: { name: `c${serial}` },
        });
      case 'move':
        return await channel.move(one, { target: two, position });
      case 'copy':
        // Copies of everything into everything would make the tree grow without end.
        if (ids.length < 60)
          await channel.copy(one, { target: two, position, mods: { title: `k${serial}` } }, { id: idOf(serial) });
        return;
      case 'remove':
        return await channel.remove(one);
      case 'group':
        return await channel.group(async (group) => {
          const made = await group.create({ parent: two, kind: 'topic', title: `g${serial}` }, { id: idOf(serial) });
          await group.move(one, { target: made });
          await group.update(made, { description: 'grouped' });
        });
      case 'pair':
        return await channel.change({ type: 'CREATED', table: 'contentnode_prerequisite', key: [one, two], obj: {} });
      case 'item':
        return await channel.change({
          type: 'CREATED',
          table: 'assessmentitem',
          key: idOf(serial),
          obj: { contentnode: one, question: `q${serial}`, type: 'single_selection' },
        });
      case 'write': {
        const changes: ChannelChange[] = [
          { type: 'MOVED', table: 'contentnode', key: one, target: two, position },
          { type: 'UPDATED', table: 'contentnode', key: two, mods: { title: `w${serial}` } },
          { type: 'DELETED', table: 'contentnode', key: one },
        ];
        await channel.write(changes, { lenient: true });
      }
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

/** Told by the step alone, so that two clients that do the same make the same. */
function idOf(serial: number): Id {
  return `${'7'.repeat(28)}${serial.toString(16).padStart(4, '0')}`;
}
