-- fleet.db of a hub, format 1. Times are milliseconds UTC of the hub's clock; JSON as in core/protocol.
CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- secret: what a device shows to broker and package server, as SHA-256 and as a line of mosquitto's password file.
-- A removed device keeps its row, so that its telemetry keeps its name; seen_ms 0: never.
CREATE TABLE device(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  ring TEXT NOT NULL,
  enrolled_ms INTEGER NOT NULL,
  removed_ms INTEGER NOT NULL DEFAULT 0,
  secret_hash TEXT NOT NULL,
  broker_password TEXT NOT NULL,
  desired TEXT NOT NULL,
  reported TEXT NOT NULL DEFAULT '',
  seen_ms INTEGER NOT NULL DEFAULT 0,
  online INTEGER NOT NULL DEFAULT 0
);

-- One-time permissions to enrol; only the hash of a token is kept. device '': the device says its name.
CREATE TABLE enrolment(
  token_hash TEXT PRIMARY KEY,
  device TEXT NOT NULL,
  ring TEXT NOT NULL,
  expires_ms INTEGER NOT NULL,
  used_ms INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- An outbox of a device: last_sequence is acknowledged, everything up to it is in this database. The sums are of all that
-- the stream ever brought.
CREATE TABLE stream(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  device INTEGER NOT NULL REFERENCES device(id),
  name TEXT NOT NULL,
  last_sequence INTEGER NOT NULL DEFAULT 0,
  windows INTEGER NOT NULL DEFAULT 0,
  frames INTEGER NOT NULL DEFAULT 0,
  objects INTEGER NOT NULL DEFAULT 0,
  samples INTEGER NOT NULL DEFAULT 0,
  dropped INTEGER NOT NULL DEFAULT 0,
  UNIQUE(device, name)
);

CREATE TABLE telemetry(
  stream INTEGER NOT NULL REFERENCES stream(id),
  sequence INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  package TEXT NOT NULL,
  frames INTEGER NOT NULL,
  objects INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY(stream, sequence)
) WITHOUT ROWID;

-- Samples that a device had to drop keep their place: id NULL. The picture is samples/ID.FORMAT. state 0: waits, 1: taken
-- into a project, 2: ignored.
CREATE TABLE sample(
  stream INTEGER NOT NULL REFERENCES stream(id),
  sequence INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  id TEXT UNIQUE,
  reason TEXT NOT NULL DEFAULT '',
  package TEXT NOT NULL DEFAULT '',
  format TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT '',
  state INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(stream, sequence)
) WITHOUT ROWID;

CREATE TABLE package(
  sha256 TEXT PRIMARY KEY,
  bytes INTEGER NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  release_counter INTEGER NOT NULL,
  signer TEXT NOT NULL,
  added_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- ring: the last one that was reached; state 'running', 'done', 'stopped', 'rolled-back'. At most one is running.
CREATE TABLE rollout(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  package TEXT NOT NULL REFERENCES package(sha256),
  previous TEXT REFERENCES package(sha256),
  ring TEXT NOT NULL,
  state TEXT NOT NULL,
  started_ms INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL,
  note TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX rollout_running ON rollout(state) WHERE state = 'running';

-- since_ms: when what it is about began; ended_ms 0: it goes on.
CREATE TABLE alert(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  device INTEGER NOT NULL REFERENCES device(id),
  kind TEXT NOT NULL,
  since_ms INTEGER NOT NULL,
  ended_ms INTEGER NOT NULL DEFAULT 0,
  text TEXT NOT NULL
);
CREATE UNIQUE INDEX alert_open ON alert(device, kind) WHERE ended_ms = 0;
