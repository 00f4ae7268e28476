import type { Request } from 'express';
import type { Timers } from '../deps.ts';

const LOOK_MS = 5_000;
/** A sender of whom nothing comes for so long is gone, whatever its connection says. */
const IDLE_MS = 30_000;

/** Breaks off a request whose body stalls; what had arrived is kept by whoever reads it. */
export function watchIdle(req: Request, timers: Timers): void {
  let seen = req.socket.bytesRead;
  let idle = 0;
  const look = () => {
    if (req.complete || req.destroyed) return;
    idle = req.socket.bytesRead === seen ? idle + LOOK_MS : 0;
    seen = req.socket.bytesRead;
    if (idle >= IDLE_MS) req.destroy(new Error('nothing came for too long'));
    else timers.after(LOOK_MS, look);
  };
  timers.after(LOOK_MS, look);
}
