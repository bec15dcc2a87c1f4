/**
 * What types can say about a function that answers with a callback: how it is called without one, and what it
 * then comes to. Nothing here is left when the program runs.
 */
import type { promisify } from 'node:util';

/** A callback: an error or a falsy value, and then the answer. */
export type Callback<V extends readonly unknown[]> = (error?: unknown, ...values: V) => void;

/** What the values of a callback come to: nothing, the one, all of them. */
export type Answer<V extends readonly unknown[]> = V extends readonly []
  ? undefined
  : V extends readonly [(infer T)?]
    ? T
    : number extends V['length']
      ? unknown
      : V;

/** Any value; said like this, a literal among the arguments is inferred as itself. */
export type Argument = string | number | bigint | boolean | symbol | object | null | undefined;

/** A function that says itself how it is called without a callback. */
export interface Shaped<P> {
  readonly [promisify.custom]: P;
}

/** A function of which Node's types say how it is called without a callback. */
export interface Declared<P> {
  readonly __promisify__: P;
}

/** What `P` comes to when it is called with `A`, overloads tried in order. */
export type Resolved<P, A extends readonly unknown[]> = P extends {
  (...args: infer A1): infer R1;
  (...args: infer A2): infer R2;
  (...args: infer A3): infer R3;
  (...args: infer _A4): infer R4;
}
  ? Awaited<A extends A1 ? R1 : A extends A2 ? R2 : A extends A3 ? R3 : R4>
  : never;

/** How `F` is called without a callback; `never` if it takes none. */
export type Adapted<F> =
  F extends Shaped<infer P>
    ? P
    : F extends Declared<infer P>
      ? P
      : F extends (...args: infer A) => unknown
        ? Required<A> extends [...infer Rest, infer C]
          ? C extends (...args: infer P) => unknown
            ? IsErrorFirst<P> extends true
              ? P extends [unknown?, ...infer V]
                ? (...args: Rest) => Promise<Answer<V>>
                : never
              : never
            : never
          : never
        : never;

type IsErrorFirst<P extends readonly unknown[]> = P extends []
  ? true
  : null extends P[0]
    ? true
    : undefined extends P[0]
      ? true
      : Error extends P[0]
        ? true
        : false;
