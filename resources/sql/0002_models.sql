-- Format 2: packaged models get version numbers of their own.
CREATE TABLE model_version(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  version TEXT NOT NULL UNIQUE,
  run TEXT NOT NULL,
  file TEXT NOT NULL,
  time_ms INTEGER NOT NULL
);
