import { type FormEvent, useState } from 'react';

import { Mark } from '../shared/mark.tsx';

interface Props {
  /** Why the last token did not do. */
  problem: string | null;
  onToken: (token: string) => void;
}

/** Asks for a token and says where one is found. */
export function Login({ problem, onToken }: Props) {
  const [token, setToken] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim()) onToken(token.trim());
  };
  return (
    <main className="login">
      <form className="login-card" onSubmit={submit}>
        <Mark />
        <h1>Welcome to Cambium</h1>
        <p>Enter your access token to open your channels.</p>
        <label className="field">
          <span>Access token</span>
          <input
            type="password"
            autoComplete="current-password"
            autoFocus
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
        </label>
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <button className="button primary" type="submit" disabled={!token.trim()}>
          Open
        </button>
        <details>
          <summary>Where do I find it?</summary>
          <p>
            Whoever runs this server makes one with <code>npx cambium token create USER</code>. On the first start on
            your own machine the terminal prints an address that carries one: open that address. If the server was
            started with <code>ADMIN_TOKEN</code>, that is the token of <code>admin</code>.
          </p>
        </details>
      </form>
    </main>
  );
}
