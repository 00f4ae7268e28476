import { Component, type ReactNode } from 'react';

/** The last resort for a fault while drawing: says so instead of leaving an empty page. */
export class Failure extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <main className="login">
        <div className="login-card" role="alert">
          <h1>The editor stopped</h1>
          <p>Your changes are kept on this device. Reloading the page usually helps.</p>
          <pre>{error instanceof Error ? error.message : 'Something was thrown that is no error.'}</pre>
          <button className="button primary" onClick={() => location.reload()}>
            Reload
          </button>
        </div>
      </main>
    );
  }
}
