import { LIMITS } from '@cambium/protocol';
import { type KeyboardEvent, useId, useState } from 'react';

import { Icon } from '../shared/icon.tsx';
import type { Save } from './save.ts';

/** Tags one by one, so that two people who tag at the same time both get what they meant. */
export function TagField({ tags, onSave }: { tags: string[]; onSave: Save }) {
  const id = useId();
  const [text, setText] = useState('');
  const add = () => {
    const tag = text.trim();
    setText('');
    if (tag && !tags.includes(tag)) onSave({ [`tags.${tag}`]: true });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = tags.at(-1);
    if (event.key === 'Enter' || event.key === ',') {
      event.preventDefault();
      add();
    } else if (event.key === 'Backspace' && text === '' && last !== undefined) onSave({ [`tags.${last}`]: null });
  };
  return (
    <div className="field">
      <label htmlFor={id}>Tags</label>
      <div className="tags">
        {tags.map((tag) => (
          <span className="tag" key={tag}>
            {tag}
            <button aria-label={`Remove tag ${tag}`} onClick={() => onSave({ [`tags.${tag}`]: null })}>
              <Icon name="cross" />
            </button>
          </span>
        ))}
        <input
          id={id}
          value={text}
          maxLength={LIMITS.tag}
          placeholder={tags.length === 0 ? 'Add a tag and press Enter' : ''}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          onBlur={add}
        />
      </div>
    </div>
  );
}
