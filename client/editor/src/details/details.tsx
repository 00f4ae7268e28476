import type { ShownNode } from '@cambium/client';
import type { Id, NodeRow } from '@cambium/protocol';
import { useMemo } from 'react';

import { useChannel } from '../shared/client.ts';
import { Icon } from '../shared/icon.tsx';
import { KIND_NAMES } from '../shared/kind.ts';
import { useLive } from '../shared/live.ts';
import { useAttempt } from '../shared/notice.tsx';
import { Completeness } from './completeness.tsx';
import { FileList } from './file-list.tsx';
import { LanguageField } from './language-field.tsx';
import { LicenseFields } from './license-fields.tsx';
import type { Save } from './save.ts';
import { TagField } from './tag-field.tsx';
import { TextField } from './text-field.tsx';

/** Everything about the selected node; of the channel's root, what the channel itself has. */
export function Details({ id }: { id: Id }) {
  const channel = useChannel();
  const attempt = useAttempt();
  const node = useLive(useMemo(() => channel.node$(id), [channel, id]));
  if (!node) return <aside className="details" aria-label="Details" />;
  const save: Save = (mods) => attempt(() => channel.update(id, mods));
  return (
    <aside className="details" aria-label="Details">
      <header className="details-head">
        <span className={`kind kind-${node.kind}`}>
          <Icon name={node.parent_id ? node.kind : 'channel'} />
        </span>
        <span>{node.parent_id ? KIND_NAMES[node.kind] : 'Channel'}</span>
      </header>
      {/* A new node's fields start afresh: no draft of one node may end up in another. */}
      <div className="fields" key={node.id}>
        <TextField label="Title" value={node.title} max={200} required onSave={(title) => save({ title })} />
        <TextField
          label="Description"
          value={node.description}
          lines={3}
          onSave={(description) => save({ description })}
        />
        {node.parent_id && <Content node={node} save={save} />}
      </div>
    </aside>
  );
}

function Content({ node, save }: { node: ShownNode; save: Save }) {
  const text = (field: keyof NodeRow & ('author' | 'copyright_holder'), label: string) => (
    <TextField label={label} value={node[field]} max={200} onSave={(value) => save({ [field]: value })} />
  );
  return (
    <>
      <Completeness node={node} />
      <FileList node={node} />
      <LanguageField value={node.language} onSave={(language) => save({ language })} />
      <TagField tags={Object.keys(node.tags)} onSave={save} />
      {node.kind !== 'topic' && (
        <>
          <LicenseFields node={node} save={save} />
          {text('copyright_holder', 'Copyright holder')}
          {text('author', 'Author')}
        </>
      )}
      <label className="check">
        <input
          type="checkbox"
          checked={node.role_visibility === 'coach'}
          onChange={(event) => save({ role_visibility: event.target.checked ? 'coach' : 'learner' })}
        />
        <span>Only for coaches</span>
      </label>
    </>
  );
}
