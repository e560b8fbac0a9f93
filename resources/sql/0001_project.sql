-- The project store, format 1. Enumerations are stored as numbers (core/dataset/rows.h), times as milliseconds UTC.
CREATE TABLE project(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  name TEXT NOT NULL,
  task TEXT NOT NULL,
  created_ms INTEGER NOT NULL
);

-- Small facts of services (the armed class, numbering of runs); without history.
CREATE TABLE fact(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- One import. state 0: under way, invisible; 1: finished. At most one is under way, so its new items are those from first_item on.
CREATE TABLE batch(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  title TEXT NOT NULL,
  started_ms INTEGER NOT NULL,
  state INTEGER NOT NULL,
  first_item INTEGER NOT NULL,
  last_item INTEGER NOT NULL DEFAULT 0,
  change INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX batch_under_way ON batch(state) WHERE state = 0;

CREATE TABLE label(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  color INTEGER NOT NULL,
  key INTEGER NOT NULL,
  position INTEGER NOT NULL,
  batch INTEGER NOT NULL DEFAULT 0
);

-- group_id: items that a split must not tear apart; named after the first item that was in it.
-- touched: the last change, undo or redo that touched the item or its boxes.
CREATE TABLE item(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  state INTEGER NOT NULL,
  split_set INTEGER NOT NULL,
  set_source INTEGER NOT NULL,
  group_id INTEGER NOT NULL,
  trashed INTEGER NOT NULL DEFAULT 0,
  batch INTEGER NOT NULL,
  box_count INTEGER NOT NULL DEFAULT 0,
  flagged_count INTEGER NOT NULL DEFAULT 0,
  problem TEXT NOT NULL DEFAULT '',
  gathered_ms INTEGER NOT NULL,
  labeled_ms INTEGER NOT NULL DEFAULT 0,
  done_ms INTEGER NOT NULL DEFAULT 0,
  touched INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX item_gallery ON item(trashed, state, split_set);
CREATE INDEX item_group ON item(group_id);
CREATE INDEX item_hash ON item(content_hash) WHERE content_hash <> '';
CREATE INDEX item_problem ON item(id) WHERE problem <> '';
CREATE INDEX item_flagged ON item(id) WHERE flagged_count > 0;

CREATE TABLE group_key(key TEXT PRIMARY KEY, group_id INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX group_key_group ON group_key(group_id);

-- revision 0: as its batch brought it.
CREATE TABLE annotation(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  item INTEGER NOT NULL REFERENCES item(id),
  label INTEGER NOT NULL REFERENCES label(id),
  x REAL NOT NULL, y REAL NOT NULL, w REAL NOT NULL, h REAL NOT NULL,
  origin INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  score REAL NOT NULL,
  revision INTEGER NOT NULL,
  batch INTEGER NOT NULL
);
CREATE INDEX annotation_item ON annotation(item);
CREATE INDEX annotation_label ON annotation(label, item);

-- Boxes that an import brought to items which were there before, while that import is undone.
CREATE TABLE parked_annotation(
  id INTEGER PRIMARY KEY,
  item INTEGER NOT NULL, label INTEGER NOT NULL,
  x REAL NOT NULL, y REAL NOT NULL, w REAL NOT NULL, h REAL NOT NULL,
  origin INTEGER NOT NULL, flags INTEGER NOT NULL, score REAL NOT NULL, revision INTEGER NOT NULL, batch INTEGER NOT NULL
);

-- Items that were there before an import and that it touches; what it makes of their state, set and trash.
CREATE TABLE batch_item(
  batch INTEGER NOT NULL REFERENCES batch(id),
  item INTEGER NOT NULL,
  before TEXT NOT NULL DEFAULT '',
  after TEXT NOT NULL DEFAULT '',
  PRIMARY KEY(batch, item)
) WITHOUT ROWID;

-- What readCounts tells, kept with every commit. kind: core/dataset/counters.h.
CREATE TABLE counter(
  kind INTEGER NOT NULL, key INTEGER NOT NULL, split_set INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY(kind, key, split_set)
) WITHOUT ROWID;

-- The change log. kind: 1 edit, 2 import, 3 undo of target, 4 redo of target, 5 trash emptied.
CREATE TABLE change(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time_ms INTEGER NOT NULL,
  who TEXT NOT NULL,
  program TEXT NOT NULL,
  kind INTEGER NOT NULL,
  title TEXT NOT NULL,
  target INTEGER NOT NULL DEFAULT 0
);
-- entity: 1 annotation, 2 item, 3 label. before and after are JSON; NULL: it did not exist.
CREATE TABLE change_detail(
  change INTEGER NOT NULL REFERENCES change(id),
  seq INTEGER NOT NULL,
  entity INTEGER NOT NULL,
  entity_id INTEGER NOT NULL,
  before TEXT,
  after TEXT,
  PRIMARY KEY(change, seq)
) WITHOUT ROWID;
-- The line of undo: steps in order; those undone come last. A new step drops them from here, never from the log.
CREATE TABLE history(
  position INTEGER PRIMARY KEY,
  change INTEGER NOT NULL REFERENCES change(id),
  undone INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX history_undone ON history(position) WHERE undone = 1;
CREATE TRIGGER change_is_kept BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END;
CREATE TRIGGER change_is_final BEFORE UPDATE ON change BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END;
CREATE TRIGGER detail_is_kept BEFORE DELETE ON change_detail BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END;
CREATE TRIGGER detail_is_final BEFORE UPDATE ON change_detail BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END;

-- Frozen dataset versions: whole rows, so that later edits and an emptied trash leave them readable. Boxes of an item are
-- one JSON document, shared by all versions in which they are the same.
CREATE TABLE version(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time_ms INTEGER NOT NULL,
  manifest_sha256 TEXT NOT NULL,
  items INTEGER NOT NULL,
  boxes INTEGER NOT NULL
);
CREATE TABLE version_label(
  version INTEGER NOT NULL REFERENCES version(id),
  label INTEGER NOT NULL,
  name TEXT NOT NULL, color INTEGER NOT NULL, key INTEGER NOT NULL, position INTEGER NOT NULL,
  PRIMARY KEY(version, label)
) WITHOUT ROWID;
CREATE TABLE version_content(
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  boxes INTEGER NOT NULL,
  body TEXT NOT NULL
);
CREATE TABLE version_item(
  version INTEGER NOT NULL REFERENCES version(id),
  item INTEGER NOT NULL,
  path TEXT NOT NULL, name TEXT NOT NULL, content_hash TEXT NOT NULL, size_bytes INTEGER NOT NULL,
  width INTEGER NOT NULL, height INTEGER NOT NULL,
  state INTEGER NOT NULL, split_set INTEGER NOT NULL, group_id INTEGER NOT NULL,
  touched INTEGER NOT NULL,
  content INTEGER NOT NULL REFERENCES version_content(id),
  PRIMARY KEY(version, item)
) WITHOUT ROWID;
CREATE TRIGGER version_is_final BEFORE UPDATE ON version BEGIN SELECT RAISE(ABORT, 'a dataset version is immutable'); END;
CREATE TRIGGER version_is_kept BEFORE DELETE ON version BEGIN SELECT RAISE(ABORT, 'a dataset version is immutable'); END;
CREATE TRIGGER version_label_is_final BEFORE UPDATE ON version_label BEGIN SELECT RAISE(ABORT, 'a dataset version is immutable'); END;
CREATE TRIGGER version_label_is_kept BEFORE DELETE ON version_label BEGIN SELECT RAISE(ABORT, 'a dataset version is immutable'); END;
CREATE TRIGGER version_item_is_final BEFORE UPDATE ON version_item BEGIN SELECT RAISE(ABORT, 'a dataset version is immutable'); END;
CREATE TRIGGER version_item_is_kept BEFORE DELETE ON version_item BEGIN SELECT RAISE(ABORT, 'a dataset version is immutable'); END;
CREATE TRIGGER version_content_is_final BEFORE UPDATE ON version_content BEGIN SELECT RAISE(ABORT, 'a dataset version is immutable'); END;
CREATE TRIGGER version_content_is_kept BEFORE DELETE ON version_content BEGIN SELECT RAISE(ABORT, 'a dataset version is immutable'); END;
