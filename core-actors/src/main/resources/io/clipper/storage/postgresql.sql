-- The tables of pekko-persistence-jdbc, then Clipper's own, for PostgreSQL. Nodes that start together take turns.
SELECT pg_advisory_xact_lock(4920313357);
CREATE TABLE IF NOT EXISTS event_journal (
  ordering BIGSERIAL UNIQUE,
  persistence_id VARCHAR(255) NOT NULL,
  sequence_number BIGINT NOT NULL,
  deleted BOOLEAN DEFAULT FALSE NOT NULL,
  writer VARCHAR(255) NOT NULL,
  write_timestamp BIGINT,
  adapter_manifest VARCHAR(255),
  event_ser_id INTEGER NOT NULL,
  event_ser_manifest VARCHAR(255) NOT NULL,
  event_payload BYTEA NOT NULL,
  meta_ser_id INTEGER,
  meta_ser_manifest VARCHAR(255),
  meta_payload BYTEA,
  PRIMARY KEY (persistence_id, sequence_number)
);
-- The number of an event is free again when a snapshot has taken its place: a node that stood still, and goes on where it was, would write
-- what another has numbered already and nobody reads.
CREATE OR REPLACE FUNCTION clipper_next_event() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  IF EXISTS (SELECT 1 FROM event_journal WHERE persistence_id = NEW.persistence_id AND sequence_number >= NEW.sequence_number)
    AND current_setting('clipper.fills_tables', true) IS DISTINCT FROM 'on'
  THEN RAISE EXCEPTION 'event % of % was written already', NEW.sequence_number, NEW.persistence_id USING ERRCODE = 'unique_violation'; END IF; RETURN NEW; END $$;
-- Only where it is not there: it takes a lock that waits for whoever reads the table.
DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'clipper_next_event' AND tgrelid = 'event_journal'::regclass)
  THEN CREATE TRIGGER clipper_next_event BEFORE INSERT ON event_journal FOR EACH ROW EXECUTE FUNCTION clipper_next_event(); END IF; END $$;
CREATE TABLE IF NOT EXISTS event_tag (
  event_id BIGINT,
  tag VARCHAR(256),
  PRIMARY KEY (event_id, tag),
  CONSTRAINT fk_event_journal FOREIGN KEY (event_id) REFERENCES event_journal (ordering) ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS snapshot (
  persistence_id VARCHAR(255) NOT NULL,
  sequence_number BIGINT NOT NULL,
  created BIGINT NOT NULL,
  snapshot_ser_id INTEGER NOT NULL,
  snapshot_ser_manifest VARCHAR(255) NOT NULL,
  snapshot_payload BYTEA NOT NULL,
  meta_ser_id INTEGER,
  meta_ser_manifest VARCHAR(255),
  meta_payload BYTEA,
  PRIMARY KEY (persistence_id, sequence_number)
);
-- What was answered, a row for a group of queries: see io.clipper.feedback.
CREATE TABLE IF NOT EXISTS prediction_log (
  application VARCHAR(255) NOT NULL,
  part INT NOT NULL,
  first_id BIGINT NOT NULL,
  last_id BIGINT NOT NULL,
  written_at BIGINT NOT NULL,
  size INT NOT NULL,
  entries BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS prediction_log_ids ON prediction_log (application, part, last_id);
CREATE INDEX IF NOT EXISTS prediction_log_age ON prediction_log (written_at);
-- What contexts learned: see docs/adr/0012-contexts-are-rows.md.
CREATE TABLE IF NOT EXISTS context (
  application VARCHAR(255) NOT NULL,
  incarnation BIGINT NOT NULL,
  part INT NOT NULL,
  name VARCHAR(256) NOT NULL,
  number BIGINT NOT NULL,
  learned BYTEA NOT NULL,
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
  bytes BYTEA NOT NULL,
  PRIMARY KEY (sha256, number),
  CONSTRAINT fk_artifact FOREIGN KEY (sha256) REFERENCES artifact (sha256) ON DELETE CASCADE
);
-- Ours: which database this is, who the members are, and what one of them at a time may do.
CREATE TABLE IF NOT EXISTS clipper_store (
  id VARCHAR(36) NOT NULL,
  PRIMARY KEY (id)
);
INSERT INTO clipper_store (id) SELECT md5(random()::text || clock_timestamp()::text) WHERE NOT EXISTS (SELECT 1 FROM clipper_store);
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
