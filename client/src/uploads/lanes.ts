/**
 * Runs `work` for each task, in order, so many at a time. After one that returns false no other begins; one that throws
 * ends it too, and is thrown when those under way are over.
 */
export async function inLanes<T>(
  lanes: number,
  tasks: AsyncGenerator<T>,
  work: (task: T) => Promise<boolean>,
): Promise<void> {
  let isOver = false;
  const lane = async (): Promise<void> => {
    try {
      while (!isOver) {
        const { done, value } = await tasks.next();
        // Another lane may have failed while this one waited for its task.
        if (done === true || isOver) return;
        if (!(await work(value))) isOver = true;
      }
    } catch (error) {
      isOver = true;
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
