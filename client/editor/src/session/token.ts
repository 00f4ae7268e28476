const KEY = 'cambium-token';

/** The token of this visit: from the address (`#token=…`, kept and then removed from there) or from an earlier one. */
export function findToken(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given) {
    keepToken(given);
    history.replaceState(history.state, '', location.pathname + location.search);
    return given;
  }
  return localStorage.getItem(KEY);
}

export function keepToken(token: string): void {
  localStorage.setItem(KEY, token);
}

export function forgetToken(): void {
  localStorage.removeItem(KEY);
}
