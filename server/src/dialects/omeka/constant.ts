import { send, type Call, type Resource } from './call.ts';
import { ELEMENTS, ELEMENT_SETS, setOf, type Element, type ElementSet } from './element.ts';
import { noRecord } from './errors.ts';
import { readPage, setPageHeaders } from './page.ts';

/** A resource whose records never change. */
function constant<Row extends { id: number }>(
  rows: readonly Row[],
  filters: Readonly<Record<string, (row: Row, text: string) => boolean>>,
  show: (row: Row, base: string) => object,
): Resource {
  return {
    filters: Object.keys(filters),
    async index(call) {
      const { query, base } = call;
      const found = rows.filter((row) =>
        Object.entries(filters).every(([name, filter]) => {
          const text = query.get(name);
          return text === null || text === '' || filter(row, text);
        }),
      );
      const page = readPage(query);
      setPageHeaders(call, page, found.length);
      const shown = found.slice((page.page - 1) * page.perPage, page.page * page.perPage);
      send(
        call,
        200,
        shown.map((row) => show(row, base)),
      );
    },
    async get(call) {
      const row = rows.find(({ id }) => id === call.id);
      if (!row) throw noRecord();
      send(call, 200, show(row, call.base));
    },
  };
}

export const elementSets: Resource = constant<ElementSet>(
  ELEMENT_SETS,
  { name: ({ name }, text) => name === text, record_type: ({ record_type }, text) => record_type === text },
  ({ id, name, record_type, description }, base) => ({
    id,
    url: `${base}/api/element_sets/${id}`,
    record_type,
    name,
    description,
    elements: {
      count: [...ELEMENTS.values()].filter(({ set }) => set === id).length,
      url: `${base}/api/elements?element_set=${id}`,
      resource: 'elements',
    },
    extended_resources: [],
  }),
);

export const elements: Resource = constant<Element>(
  [...ELEMENTS.values()],
  {
    element_set: ({ set }, text) => set === Number.parseInt(text, 10),
    name: ({ name }, text) => name === text,
    item_type: () => false,
  },
  (element, base) => ({
    id: element.id,
    url: `${base}/api/elements/${element.id}`,
    order: element.order,
    name: element.name,
    description: null,
    comment: null,
    element_set: {
      id: element.set,
      url: `${base}/api/element_sets/${element.set}`,
      resource: 'element_sets',
      name: setOf(element).name,
    },
    extended_resources: [],
  }),
);

/** What the site says of itself. */
export const site: Resource = {
  filters: [],
  async index(call: Call) {
    const { base } = call;
    const nothing = { description: null, author: null, copyright: null };
    send(call, 200, { omeka_url: base, omeka_version: '3.2.1', title: 'Cambium', ...nothing });
  },
};
