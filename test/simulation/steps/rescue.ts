import { drawTab, type Step } from './step.ts';

/** Decides about a change that was refused: tries it again, or gives it up. */
export const decide: Step = async (run, random) => {
  const tab = drawTab(run, random);
  if (!tab) return;
  const rescued = await run.until(Promise.race([tab.client.rescued(), tab.death]));
  if (rescued === 'died' || rescued.length === 0) return;
  const { rev } = random.one(rescued);
  const isRetry = random.chance(60);
  await run.act(tab, { kind: 'rescue' }, `${isRetry ? 'retry' : 'discard'} ${rev}`, () =>
    isRetry ? tab.client.retry(rev) : tab.client.discard(rev),
  );
};
