/*
 * A licence text that belongs to the file, not to the class below it.
 */
import { Injectable } from '@angular/core';
import type { Book } from './book';

const LIMIT = 10; // no unit, and no doc of the next one

/** Money that came and went. */
@Injectable({ providedIn: 'root' })
export abstract class Ledger<T extends Entry> extends Base<T> implements Book, Iterable<T> {
  private readonly entries: T[] = [];

  // Why there is a limit:
  // see the contract.
  constructor(
    private limit: number = LIMIT,
    @Inject(CLOCK) protected readonly clock?: Clock,
  ) {
    super();
  }

  /* far above: not part of it */

  /** Adds. */
  @logged() @checked({ level: 'a } in a string' })
  public async add<K extends keyof T>(this: Ledger<T>, entry: T, ...others: T[]): Promise<void> {
    const check = (one: T): boolean => one.amount > 0;
    this.entries.push(...[entry, ...others].filter(check));
  }

  @Output()
  get total(): number {
    return this.entries.reduce((sum, { amount }) => sum + amount, 0);
  }

  find(name: string): T;
  find(index: number): T;
  find(key: string | number): T {
    return this.entries[key as number]!;
  }

  protected abstract close(reason?: string): void;

  private onChange = (event: Event): void => {
    this.last = <T>event;
  };

  static is(value: unknown): value is Ledger<never> {
    return value instanceof Ledger;
  }

  *[Symbol.iterator](): Iterator<T> {
    yield* this.entries;
  }
}

export interface Entry {
  amount: number;
  readonly note?: string;
  describe(long: boolean, widths: Map<string, number[]>): string;
}

export type State = 'open' | 'closed' | { reason: string };

export const enum Level {
  Low = 1,
  High,
}

// Doubles.
export const double = <N extends number>(a: N): number => a * 2;

export function näme([first, second]: [number, number], by: (a: number) => number = double): string {
  function inner(): void {}
  return `${by(first)} of ${second}`;
}

export declare function outside(path: string): void;

namespace Money {
  export function round(a: number): number {
    return Math.round(a);
  }
}
