import { useId, useMemo } from 'react';

const CODES = [
  'ar',
  'bn',
  'de',
  'en',
  'es',
  'fa',
  'fr',
  'ha',
  'hi',
  'id',
  'it',
  'ja',
  'ko',
  'my',
  'ne',
  'pt',
  'ru',
  'so',
  'sw',
  'ta',
  'tr',
  'uk',
  'ur',
  'vi',
  'yo',
  'zh',
  'zu',
];

/** The language of a node, by its own name in the reader's language. */
export function LanguageField({ value, onSave }: { value: string | null; onSave: (code: string | null) => void }) {
  const id = useId();
  const choices = useMemo(() => {
    const names = new Intl.DisplayNames(undefined, { type: 'language', fallback: 'code' });
    const codes = value && !CODES.includes(value) ? [...CODES, value] : CODES;
    return codes.map((code) => ({ code, name: nameOf(names, code) })).toSorted((a, b) => a.name.localeCompare(b.name));
  }, [value]);
  return (
    <div className="field">
      <label htmlFor={id}>Language</label>
      <select id={id} value={value ?? ''} onChange={(event) => onSave(event.target.value || null)}>
        <option value="">Not set</option>
        {choices.map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

function nameOf(names: Intl.DisplayNames, code: string): string {
  try {
    return names.of(code) ?? code;
  } catch {
    return code; // Not every stored code is a well-formed one.
  }
}
