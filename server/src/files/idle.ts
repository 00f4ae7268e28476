import type { Request, Response } from 'express';
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

/** Bytes of a refused body that are read on, to be thrown away. */
const HEARD_OUT = 67_108_864;

/**
 * When a request is answered before its body was read, the rest is read and thrown away: a sender who is cut off in
 * the middle of sending would see a broken connection in place of the answer, and on a connection that stays open
 * the rest would be taken for the next request. Beyond a bound it is cut off all the same.
 */
export function hearOut(req: Request, res: Response): void {
  res.on('finish', () => {
    if (req.complete || req.destroyed) return;
    let left = HEARD_OUT;
    req.removeAllListeners('data');
    req.on('data', (chunk: Buffer) => {
      left -= chunk.byteLength;
      if (left < 0) req.destroy();
    });
    req.resume();
  });
}
