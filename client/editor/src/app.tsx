import { Login } from './session/login.tsx';
import { useSession } from './session/use-session.ts';
import { ClientContext } from './shared/client.ts';
import { Failure } from './shared/failure.tsx';
import { Notices } from './shared/notice.tsx';
import { Workbench } from './workbench.tsx';

export function App() {
  const { session, signIn, signOut } = useSession();
  if (session.state === 'asking') return <Login problem={session.problem} onToken={signIn} />;
  if (session.state === 'opening') return <main className="login" aria-busy="true" />;
  return (
    <Failure>
      <ClientContext value={session.client}>
        <Notices>
          <Workbench onSignOut={signOut} />
        </Notices>
      </ClientContext>
    </Failure>
  );
}
