/*
 * A licence text that belongs to the file, not to the class below it.
 */

/** Money that came and went. */
export class Ledger {
  static LIMIT = 10;

  // Why there is a limit:
  // see the contract.
  /** Makes an empty ledger. */
  constructor(limit) {
    throw new Error("not implemented");
  }

  [Symbol.iterator]() {
    throw new Error("not implemented");
  }

  group(by, sizes, ...names) {
    throw new Error("not implemented");
  }

  open(a, b) {
    throw new Error("not implemented");
  }

  static State = class State {
    static OpenConstant = class extends State {
      isOpen() {
        throw new Error("not implemented");
      }
    };

    static OPEN = new OpenConstant();

    isOpen() {
      throw new Error("not implemented");
    }
  };

  static Range = class {
    _from;
    _to;

    from() {
      return this._from;
    }

    to() {
      return this._to;
    }

    constructor(from, to) {
      throw new Error("not implemented");
    }
  };

  static Audited = class {
    by;
  };

  static Source = class {
    read() {
      throw new Error("not implemented");
    }

    näme() {
      throw new Error("not implemented");
    }
  };
}
