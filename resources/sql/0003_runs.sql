-- Format 3: what people say about a run. The rest of a run stands in its folder. run: 2 for r0002.
-- removed: its folder was deleted for good; nothing brings it back.
CREATE TABLE run_record(
  run INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  note TEXT NOT NULL,
  trashed INTEGER NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0
);
-- Thresholds chosen for the network of a run, as a JSON list in class order. network: sha256 of its model.onnx.
CREATE TABLE run_thresholds(
  run INTEGER PRIMARY KEY,
  network TEXT NOT NULL,
  thresholds TEXT NOT NULL
);
