#!/usr/bin/env node
/*
 * A licence text that belongs to the file, not to the function below it.
 */
'use strict';

const fs = require('fs');
const LIMIT = 10; // no unit, and no doc of the next one

/** Money that came and went. */
export class Ledger extends Book {
  #entries = [];
  static shared = null;

  // Why there is a limit:
  // see the contract.
  constructor(limit = LIMIT, { strict, ...rest } = {}) {
    super(limit);
    this.#entries = [];
  }

  /* far above: not part of it */

  @logged({ level: 'a } in a string' })
  async add(entry, ...others) {
    const check = (one) => one.amount > 0;
    for (const one of [entry, ...others]) {
      if (check(one)) this.#entries.push(one);
    }
  }

  get total() {
    return this.#entries.reduce((sum, { amount }) => sum + amount, 0);
  }

  set total(value) {
    throw new TypeError(`no ${value} can be set`);
  }

  get(index) {
    return this.#entries[index];
  }

  static of(...entries) {
    function inner() {}
    return new Ledger(entries.length);
  }

  *[Symbol.iterator]() {
    yield* this.#entries;
  }

  #rounded(a) { return Math.round(a); }

  onChange = (event) => {
    this.last = event;
  };
}

// Doubles.
const double = (a) => a * 2;
export const näme = async function (a, b) {
  return /[/"'`]\/x/.test(a) ? a : b;
};
const one = 1,
  two = () => 2;

Ledger.prototype.close = function (reason) {
  return `closed: ${reason ? `for ${reason}` : 'for good'}`;
};

module.exports = {
  double,
  open(path) {
    return fs.readFileSync(path);
  },
};

function* count(from) {
  while (true) yield from++;
}

export default class {
  run() {}
}
