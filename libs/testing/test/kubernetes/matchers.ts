/** Asymmetric matchers whose type is `unknown`, so that they fit any place in an expectation. */
export const anyText: unknown = expect.any(String);
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
export const containing = (text: string): unknown => expect.stringContaining(text);
export const withFields = (fields: object): unknown => expect.objectContaining({ ...fields });
export const withItems = (...items: readonly unknown[]): unknown => expect.arrayContaining([...items]);
