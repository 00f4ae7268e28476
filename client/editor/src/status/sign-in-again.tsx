import { type FormEvent, useState } from 'react';

import { keepToken } from '../session/token.ts';
import { useClient } from '../shared/client.ts';

/** Takes a new token of the same user without leaving the page: what is open and what waits stays as it is. */
export function SignInAgain() {
  const client = useClient();
  const [token, setToken] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = token.trim();
    if (!given) return;
    keepToken(given);
    client.setToken(given);
    setToken('');
  };
  return (
    <form className="sign-in-again" onSubmit={submit}>
      <label className="field">
        <span>New access token of {client.user.username}</span>
        <input
          type="password"
          autoComplete="current-password"
          value={token}
          onChange={(event) => setToken(event.target.value)}
        />
      </label>
      <button className="button primary small" type="submit" disabled={!token.trim()}>
        Continue
      </button>
    </form>
  );
}
