export interface ElementSet {
  id: number;
  name: string;
  record_type: 'Item' | null;
  description: string;
}

export interface Element {
  id: number;
  set: number;
  name: string;
  /** Place within Dublin Core; the others have none. */
  order: number | null;
}

/** There is no set 2. */
export const ELEMENT_SETS: readonly ElementSet[] = [
  {
    id: 1,
    name: 'Dublin Core',
    record_type: null,
    description: 'The fifteen elements of Dublin Core, which every record may have.',
  },
  {
    id: 3,
    name: 'Item Type Metadata',
    record_type: 'Item',
    description: 'The elements that items of certain types have beside Dublin Core.',
  },
];

const DUBLIN_CORE: readonly (readonly [id: number, name: string, order: number])[] = [
  [37, 'Contributor', 8],
  [38, 'Coverage', 15],
  [39, 'Creator', 4],
  [40, 'Date', 7],
  [41, 'Description', 3],
  [42, 'Format', 11],
  [43, 'Identifier', 14],
  [44, 'Language', 12],
  [45, 'Publisher', 6],
  [46, 'Relation', 10],
  [47, 'Rights', 9],
  [48, 'Source', 5],
  [49, 'Subject', 2],
  [50, 'Title', 1],
  [51, 'Type', 13],
];

const ITEM_TYPE: Readonly<Record<number, string>> = {
  1: 'Text',
  2: 'Interviewer',
  3: 'Interviewee',
  4: 'Location',
  5: 'Transcription',
  6: 'Local URL',
  7: 'Original Format',
  10: 'Physical Dimensions',
  11: 'Duration',
  12: 'Compression',
  13: 'Producer',
  14: 'Director',
  15: 'Bit Rate/Frequency',
  16: 'Time Summary',
  17: 'Email Body',
  18: 'Subject Line',
  19: 'From',
  20: 'To',
  21: 'CC',
  22: 'BCC',
  23: 'Number of Attachments',
  24: 'Standards',
  25: 'Objectives',
  26: 'Materials',
  27: 'Lesson Plan Text',
  28: 'URL',
  29: 'Event Type',
  30: 'Participants',
  31: 'Birth Date',
  32: 'Birthplace',
  33: 'Death Date',
  34: 'Occupation',
  35: 'Biographical Text',
  36: 'Bibliography',
};

/** Every element by id, in the order of ids. */
export const ELEMENTS: ReadonlyMap<number, Element> = new Map(
  [
    ...Object.entries(ITEM_TYPE).map(([id, name]): Element => ({ id: Number(id), set: 3, name, order: null })),
    ...DUBLIN_CORE.map(([id, name, order]): Element => ({ id, set: 1, name, order })),
  ].map((element) => [element.id, element]),
);

export function setOf(element: Element): ElementSet {
  const set = ELEMENT_SETS.find(({ id }) => id === element.set);
  if (!set) throw new Error(`element ${element.id} is in no set`);
  return set;
}
