-- Format 4: pictures that devices sent home, as they came; see core/dataset/field_samples.h. id: 32 hex digits, the sample's name for
-- ever, so that taking it twice adds nothing. predictions: JSON, what the device answered then.
CREATE TABLE field_sample(
  id TEXT PRIMARY KEY,
  item INTEGER NOT NULL,
  device TEXT NOT NULL,
  version TEXT NOT NULL,
  package TEXT NOT NULL,
  reason TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  predictions TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX field_sample_item ON field_sample(item);
