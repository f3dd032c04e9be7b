// Time that passes only when everybody waits, for tests of the interpreter: a minute takes a moment, and each run is the
// same.

import { type Clock, nanosPerMs } from '../clock.ts';
import type { Cancel, Timers } from './timers.ts';

interface Alarm {
  readonly time: number;
  readonly callback: () => void;
}

const TURN_NANOS = 1000;

export class VirtualTime implements Clock, Timers {
  #now = 0;
  #alarms: Alarm[] = [];
  readonly #lateMs: () => number;

  /** Real timers are late; `lateMs` says by how much. */
  constructor(lateMs: () => number = () => 0) {
    this.#lateMs = lateMs;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): Cancel {
    return this.#set(Math.round((Math.ceil(delayMs) + this.#lateMs()) * nanosPerMs), callback);
  }

  soon(callback: () => void): Cancel {
    return this.#set(TURN_NANOS, callback);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#set(Math.round(ms * nanosPerMs), resolve));
  }

  /** Lets time pass until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => {});
    for (;;) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      if (isDone) return done;
      const alarm = this.#alarms.shift();
      if (alarm === undefined) throw new Error(`everybody waits for ever, at ${this.#now} ns`);
      this.#now = alarm.time;
      alarm.callback();
    }
  }

  #set(nanos: number, callback: () => void): Cancel {
    const alarm = { time: this.#now + nanos, callback };
    const place = this.#alarms.findIndex((other) => other.time > alarm.time);
    this.#alarms.splice(place === -1 ? this.#alarms.length : place, 0, alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }
}
