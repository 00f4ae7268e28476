import 'reflect-metadata';
import { DataSource, EntitySchema } from 'typeorm';
import { KINDS } from './kinds.mjs';

/** A tree of TypeORM in a file, filled with the nodes of a course. */
export class TypeOrmTree {
  #source;

  static async plant(kind, file, nodes) {
    const tree = new TypeOrmTree();
    tree.kind = kind;
    const entity = new EntitySchema({
      name: 'node',
      columns: {
        id: { type: 'text', primary: true },
        kind: { type: 'text' },
        title: { type: 'text' },
        fields: { type: 'text' },
      },
      relations: {
        parent: { type: 'many-to-one', target: 'node', treeParent: true, nullable: true },
        children: { type: 'one-to-many', target: 'node', treeChildren: true, inverseSide: 'parent' },
      },
      trees: [{ type: kind }],
    });
    tree.#source = new DataSource({
      type: 'better-sqlite3',
      database: file,
      entities: [entity],
      synchronize: true,
      enableWAL: true,
      prepareDatabase: (db) => void db.pragma('synchronous = NORMAL'),
    });
    await tree.#source.initialize();
    tree.raw = tree.#source.driver.databaseConnection;
    tree.nodes = tree.#source.getTreeRepository('node');
    const add = tree.raw.prepare('INSERT INTO node(id, kind, title, fields, parentId) VALUES (?, ?, ?, ?, ?)');
    tree.raw.transaction(() => {
      for (const { id, path, kind: of } of nodes) add.run(id, of, 'A title of usual length', '{}', path.at(-2) ?? null);
      KINDS[kind].fill(tree.raw, nodes);
    })();
    return tree;
  }

  find = (id) => this.nodes.findOneByOrFail({ id });

  async insert(id, parent) {
    const made = { id, kind: 'video', title: 'A title of usual length', fields: '{}', parent: await this.find(parent) };
    await this.nodes.save(made);
  }

  async move(id, parent) {
    const node = await this.find(id);
    node.parent = await this.find(parent);
    await this.nodes.save(node);
  }

  subtree = async (id) => this.nodes.findDescendants(await this.find(id));
  ancestors = async (id) => this.nodes.findAncestors(await this.find(id));
  count = async (id) => (await this.nodes.countDescendants(await this.find(id))) - 1;

  parentOf = (id) => this.raw.prepare('SELECT parentId FROM node WHERE id = ?').pluck().get(id);

  /** Ids below a node by the parents alone: what the tree's own columns are held against. */
  below = (id) =>
    this.raw
      .prepare(
        `WITH RECURSIVE t(id) AS (SELECT ? UNION ALL SELECT n.id FROM t JOIN node n INDEXED BY check_parent ON n.parentId = t.id) SELECT id FROM t`,
      )
      .pluck()
      .all(id);

  close = () => this.#source.destroy();
}
