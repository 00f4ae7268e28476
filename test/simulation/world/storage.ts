/**
 * An IndexedDB that dies with its tab. From the moment of death on nothing that the tab's code still does reaches the
 * database, nor does it hear anything back: as when the process is gone. What was committed stays.
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
      deleteDatabase: (name) => (this.#isDead ? SILENCE : factory.deleteDatabase(name)),
      open: (name, version) => (this.#isDead ? SILENCE : this.#watched(factory.open(name, version))),
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
        return this.#isDead ? SILENCE : begin(...args);
      };
    });
    return request;
  }
}

/** Takes every call and never answers: any object that IndexedDB could have given to a process that is no more. */
const SILENCE = new Proxy(() => undefined, {
  get: (_target, property) => (property === Symbol.toPrimitive ? () => '' : SILENCE),
  set: () => true,
  apply: () => SILENCE,
}) as never;
