import type { ShownNode } from '@cambium/client';
import { LICENSES, LIMITS } from '@cambium/protocol';
import { useId } from 'react';

import type { Save } from './save.ts';
import { TextField } from './text-field.tsx';

export function LicenseFields({ node, save }: { node: ShownNode; save: Save }) {
  const id = useId();
  const rule = Object.entries(LICENSES).find(([key]) => Number(key) === node.license)?.[1];
  return (
    <>
      <div className="field">
        <label htmlFor={id}>Licence</label>
        <select
          id={id}
          value={node.license ?? ''}
          onChange={(event) => save({ license: Number(event.target.value) || null })}
        >
          <option value="">Not set</option>
          {Object.entries(LICENSES).map(([key, { name }]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {rule?.custom && (
        <TextField
          label="Terms of the licence"
          value={node.license_description ?? ''}
          max={LIMITS.licenseDescription}
          lines={3}
          onSave={(text) => save({ license_description: text || null })}
        />
      )}
    </>
  );
}
