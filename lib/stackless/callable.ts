/** Makes its instances functions: to call one is to call its `setup`. */
export abstract class Callable {
  constructor() {
    const self = (...args: unknown[]): unknown => (self as unknown as Callable).setup(...args);
    return Object.setPrototypeOf(self, new.target.prototype) as Callable;
  }
  abstract setup(...args: unknown[]): unknown;
}
