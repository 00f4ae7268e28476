/** What a dead tab's code gets from its database. */
export const GONE = 'the process is gone';

/**
 * An IndexedDB that dies with its tab: from the moment of death on no transaction begins any more. What was committed
 * stays. The code of a dead tab runs into an error each time; to let it wait for ever would be nearer to a process
 * that is gone, but Dexie counts what is awaited, for all tabs of one realm together.
 */
export class TabStorage {
  readonly indexedDB: IDBFactory;
  readonly #onTransaction: () => void;
  #isDead = false;

  /** `onTransaction` is called before each transaction begins; `die` may be called from there. */
  constructor(factory: IDBFactory, onTransaction: () => void) {
    this.#onTransaction = onTransaction;
    const methods: Pick<IDBFactory, 'cmp' | 'databases' | 'deleteDatabase' | 'open'> = {
      cmp: (a, b) => factory.cmp(a, b),
      databases: () => factory.databases(),
      deleteDatabase: (name) => factory.deleteDatabase(name),
      open: (name, version) => {
        this.#mustLive();
        return this.#watched(factory.open(name, version));
      },
    };
    this.indexedDB = methods as IDBFactory;
  }

  die(): void {
    this.#isDead = true;
  }

  #watched(request: IDBOpenDBRequest): IDBOpenDBRequest {
    request.addEventListener('success', () => {
      const { result } = request;
      const begin = result.transaction.bind(result);
      result.transaction = (...args) => {
        if (!this.#isDead) this.#onTransaction();
        this.#mustLive();
        return begin(...args);
      };
    });
    return request;
  }

  /** `AbortError` is the one that live queries take without a word. */
  #mustLive(): void {
    if (this.#isDead) throw new DOMException(GONE, 'AbortError');
  }
}
