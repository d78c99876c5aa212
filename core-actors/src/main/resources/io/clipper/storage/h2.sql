-- The tables of pekko-persistence-jdbc, then Clipper's own, for H2. "ordering" has one index, from its being unique.
CREATE TABLE IF NOT EXISTS PUBLIC."event_journal" (
  "ordering" BIGINT UNIQUE NOT NULL AUTO_INCREMENT,
  "deleted" BOOLEAN DEFAULT false NOT NULL,
  "persistence_id" VARCHAR(255) NOT NULL,
  "sequence_number" BIGINT NOT NULL,
  "writer" VARCHAR NOT NULL,
  "write_timestamp" BIGINT NOT NULL,
  "adapter_manifest" VARCHAR NOT NULL,
  "event_payload" BLOB NOT NULL,
  "event_ser_id" INTEGER NOT NULL,
  "event_ser_manifest" VARCHAR NOT NULL,
  "meta_payload" BLOB,
  "meta_ser_id" INTEGER,
  "meta_ser_manifest" VARCHAR,
  PRIMARY KEY ("persistence_id", "sequence_number")
);
CREATE TABLE IF NOT EXISTS PUBLIC."event_tag" (
  "event_id" BIGINT NOT NULL,
  "tag" VARCHAR NOT NULL,
  PRIMARY KEY ("event_id", "tag"),
  CONSTRAINT fk_event_journal FOREIGN KEY ("event_id") REFERENCES "event_journal" ("ordering") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS PUBLIC."snapshot" (
  "persistence_id" VARCHAR(255) NOT NULL,
  "sequence_number" BIGINT NOT NULL,
  "created" BIGINT NOT NULL,
  "snapshot_ser_id" INTEGER NOT NULL,
  "snapshot_ser_manifest" VARCHAR NOT NULL,
  "snapshot_payload" BLOB NOT NULL,
  "meta_ser_id" INTEGER,
  "meta_ser_manifest" VARCHAR,
  "meta_payload" BLOB,
  PRIMARY KEY ("persistence_id", "sequence_number")
);
-- What was answered, a row for a group of queries: see io.clipper.feedback.
CREATE TABLE IF NOT EXISTS prediction_log (
  application VARCHAR(255) NOT NULL,
  part INT NOT NULL,
  first_id BIGINT NOT NULL,
  last_id BIGINT NOT NULL,
  written_at BIGINT NOT NULL,
  size INT NOT NULL,
  entries BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS prediction_log_ids ON prediction_log (application, part, last_id);
CREATE INDEX IF NOT EXISTS prediction_log_age ON prediction_log (written_at);
-- What contexts learned: see docs/adr/0012-contexts-are-rows.md. H2 keeps what is no BLOB within the row, which a read of one row is quicker by.
CREATE TABLE IF NOT EXISTS context (
  application VARCHAR(255) NOT NULL,
  incarnation BIGINT NOT NULL,
  part INT NOT NULL,
  name VARCHAR(256) NOT NULL,
  number BIGINT NOT NULL,
  learned VARBINARY(1048576) NOT NULL,
  PRIMARY KEY (application, incarnation, part, name)
);
-- Models' bytes, packed: see io.clipper.artifact.
CREATE TABLE IF NOT EXISTS artifact (
  sha256 VARCHAR(64) PRIMARY KEY,
  chunks INT NOT NULL
);
CREATE TABLE IF NOT EXISTS artifact_chunk (
  sha256 VARCHAR(64) NOT NULL,
  number INT NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (sha256, number),
  CONSTRAINT fk_artifact FOREIGN KEY (sha256) REFERENCES artifact (sha256) ON DELETE CASCADE
);
-- Ours: which database this is, who the members are, and what one of them at a time may do.
CREATE TABLE IF NOT EXISTS clipper_store (
  id VARCHAR(36) NOT NULL,
  PRIMARY KEY (id)
);
INSERT INTO clipper_store (id) SELECT RANDOM_UUID() WHERE NOT EXISTS (SELECT 1 FROM clipper_store);
CREATE TABLE IF NOT EXISTS clipper_member (
  address VARCHAR(255) NOT NULL,
  seen_at TIMESTAMP WITH TIME ZONE,
  incarnation VARCHAR(512),
  PRIMARY KEY (address)
);
-- Of a database that was made before members signed, and before they said as whom.
ALTER TABLE clipper_member ADD COLUMN IF NOT EXISTS seen_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE clipper_member ADD COLUMN IF NOT EXISTS incarnation VARCHAR(512);
CREATE TABLE IF NOT EXISTS clipper_lease (
  name VARCHAR(64) NOT NULL,
  owner VARCHAR(255) NOT NULL,
  taken_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (name)
);
