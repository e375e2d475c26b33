import type { RequestedAuthnContext } from '../message.ts';
import { authnContextClasses } from '../names.ts';

/** What we can say of a sign-in, weakest first. */
const STRENGTH: readonly string[] = [
  authnContextClasses.unspecified,
  authnContextClasses.E0,
  authnContextClasses.E1,
  authnContextClasses.E2,
  authnContextClasses.E3,
  authnContextClasses.E4,
];

/**
 * saml-core §3.3.2.2.1: does a sign-in of this class give what was asked? Classes that are not ours satisfy nobody.
 * @example satisfiesAuthnContext({ comparison: 'minimum', classRefs: [authnContextClasses.E1] }, authnContextClasses.E2) // true
 */
export function satisfiesAuthnContext(requested: RequestedAuthnContext | undefined, classRef: string): boolean {
  if (requested === undefined) return true;
  const given = STRENGTH.indexOf(classRef);
  const wanted = requested.classRefs.map((ref) => STRENGTH.indexOf(ref)).filter((strength) => strength >= 0);
  if (given < 0 || wanted.length === 0) return false;
  return COMPARISONS[requested.comparison](given, wanted);
}

/** Can any class of ours give what was asked? */
export function canSatisfyAuthnContext(requested: RequestedAuthnContext | undefined): boolean {
  return STRENGTH.some((classRef) => satisfiesAuthnContext(requested, classRef));
}

const COMPARISONS: Readonly<Record<RequestedAuthnContext['comparison'], (given: number, wanted: readonly number[]) => boolean>> =
  {
    // Every sign-in is an "unspecified" one.
    exact: (given, wanted) => wanted.includes(given) || wanted.includes(0),
    minimum: (given, wanted) => given >= Math.min(...wanted),
    maximum: (given, wanted) => given <= Math.max(...wanted),
    better: (given, wanted) => given > Math.max(...wanted),
  };
