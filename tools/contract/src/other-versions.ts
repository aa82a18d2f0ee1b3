/** Where a real server of another version answers otherwise: reason -> group -> sentences. */
type Differences = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

const IN_1_33: Differences = {
  'a value in a text is printed as Go does, not as JSON, or the text has other words': {
    'names and labels': ['a label’s value must not be too long'],
    updates: ['a lease that is there is replaced only by who names its version'],
    deletions: ['another dry run is refused'],
    'dry run and field validation': ['another dry run is refused'],
    pods: ['another dry run of an eviction is refused'],
    'other built-in kinds': ['the selector of a workload must fit its template'],
    'rules for CRDs': ['a schema is needed'],
    'writes of custom resources': ['a PUT names the version it replaces'],
    'schemas of custom resources': [
      ...['what is required must be there', 'what is required must not be null', 'a text is no number'],
      ...['what is required of an item must be there', 'a fraction is no whole number', 'a text is no boolean'],
      ...['a number is no text in a map', 'a list is no object', 'a boolean is neither a number nor a text'],
      ...['a value is one of a set', 'a text has a length', 'a text has a format', 'a list has a size'],
      ...['a map has a size', 'a list by key has no key twice', 'a rule in CEL says what it wants'],
      ...['an object inside an object has a kind and a version', 'a rule in CEL sees the state before a change'],
    ],
  },
  'a line of its source is in the text, and that has moved': {
    creates: ['a body of an unknown kind is refused', 'a body of another version is refused'],
  },
  'a watch cannot begin with what there is': {
    watches: [
      ...['the end of the initial events is told by a bookmark of its own', 'initial events may be declined'],
      'initial events without their match are refused',
    ],
  },
  'a bookmark has an empty time of creation': {
    watches: ['one that asks for bookmarks gets one before its time is up, and then the end'],
  },
  'a TokenRequest comes back without a uid': {
    tokens: ['a token is for the audiences and the time that were asked for'],
  },
};

const IN_1_37: Differences = {
  'a node’s provider is refused with another text': {
    'other built-in kinds': ['a node’s provider does not change'],
  },
  'a whole number is checked for its size as well': {
    'schemas of custom resources': ['a fraction is no whole number'],
  },
  'a CRD’s table has more columns': {
    'tables of custom resources': ['a CRD is told by when it was made'],
  },
};

const BY_VERSION: Readonly<Record<string, Differences>> = { '1.33': IN_1_33, '1.37': IN_1_37 };

/** Whether that version is known to answer otherwise than the contract, which is 1.35's. */
export function isOtherwise(version: string, group: string, sentence: string): boolean {
  const plain = sentence.replaceAll("'", '’');
  return Object.values(BY_VERSION[version] ?? {}).some((groups) => groups[group]?.includes(plain));
}
