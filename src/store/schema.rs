//! Which tables are there, and how does a row get in and out with its checksum?

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Params, Row, ToSql, params_from_iter};

use super::checksum;
use super::damage::{Damaged, Loaded, Part};

/// The schema of format version 1. Never changed: later versions are further migrations.
///
/// `tally` counts posts and history on its own, so that rows that vanish with a broken page are noticed. What can be
/// made again and is missed by its reader (embeddings, texts) needs no count.
pub(super) const VERSION_1: &str = "
CREATE TABLE source (key TEXT NOT NULL PRIMARY KEY, spec TEXT NOT NULL, checksum BLOB NOT NULL) STRICT;
CREATE TABLE post (
  id TEXT NOT NULL PRIMARY KEY, source_key TEXT NOT NULL, content_hash BLOB NOT NULL, text_bytes INTEGER,
  title TEXT NOT NULL, summary TEXT NOT NULL, summary_origin TEXT NOT NULL, url TEXT, date TEXT, tags TEXT NOT NULL,
  source TEXT NOT NULL, author TEXT, language TEXT, minutes INTEGER, series_name TEXT, series_part INTEGER, path TEXT,
  checksum BLOB NOT NULL
) STRICT;
CREATE TABLE body (
  post TEXT NOT NULL PRIMARY KEY REFERENCES post (id) ON DELETE CASCADE, text TEXT NOT NULL, checksum BLOB NOT NULL
) STRICT;
CREATE TABLE space (
  key TEXT NOT NULL UNIQUE, n INTEGER PRIMARY KEY, model TEXT NOT NULL, revision TEXT NOT NULL, sha256 TEXT NOT NULL,
  dimension INTEGER NOT NULL, pooling TEXT NOT NULL, long_texts TEXT NOT NULL, template TEXT NOT NULL,
  active INTEGER NOT NULL, checksum BLOB NOT NULL
) STRICT;
CREATE TABLE embedding (
  post TEXT NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  space INTEGER NOT NULL REFERENCES space (n) ON DELETE CASCADE,
  text_hash BLOB NOT NULL, windows INTEGER NOT NULL, truncated INTEGER NOT NULL, vector BLOB NOT NULL,
  checksum BLOB NOT NULL, UNIQUE (post, space)
) STRICT;
CREATE TABLE sentences (
  post TEXT NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  space INTEGER NOT NULL REFERENCES space (n) ON DELETE CASCADE,
  codes BLOB NOT NULL, checksum BLOB NOT NULL, UNIQUE (post, space)
) STRICT;
CREATE TABLE history (
  post TEXT NOT NULL, n INTEGER PRIMARY KEY, read_at TEXT, rating REAL, checksum BLOB NOT NULL
) STRICT;
CREATE TABLE provenance (
  source_key TEXT NOT NULL, n INTEGER PRIMARY KEY, at TEXT NOT NULL, version TEXT NOT NULL, space_key TEXT NOT NULL,
  added INTEGER NOT NULL, changed INTEGER NOT NULL, removed INTEGER NOT NULL, unchanged INTEGER NOT NULL,
  checksum BLOB NOT NULL
) STRICT;
CREATE TABLE tally (name TEXT NOT NULL PRIMARY KEY, total INTEGER NOT NULL) STRICT;
INSERT INTO tally VALUES ('post', 0), ('history', 0);
CREATE TRIGGER post_added AFTER INSERT ON post BEGIN UPDATE tally SET total = total + 1 WHERE name = 'post'; END;
CREATE TRIGGER post_removed AFTER DELETE ON post BEGIN UPDATE tally SET total = total - 1 WHERE name = 'post'; END;
CREATE TRIGGER history_added AFTER INSERT ON history
  BEGIN UPDATE tally SET total = total + 1 WHERE name = 'history'; END;
CREATE TRIGGER history_removed AFTER DELETE ON history
  BEGIN UPDATE tally SET total = total - 1 WHERE name = 'history'; END;
";

/// What format version 2 adds: which words and pairs of words each post has, and how often.
pub(super) const VERSION_2: &str = "
CREATE TABLE terms (
  post TEXT NOT NULL PRIMARY KEY REFERENCES post (id) ON DELETE CASCADE, counts BLOB NOT NULL, checksum BLOB NOT NULL
) STRICT;
";

/// What format version 3 adds: where each post leads, as its author wrote it. A post without a row was stored before.
pub(super) const VERSION_3: &str = "
CREATE TABLE links (
  post TEXT NOT NULL PRIMARY KEY REFERENCES post (id) ON DELETE CASCADE, links TEXT NOT NULL, checksum BLOB NOT NULL
) STRICT;
";

/// What format version 4 adds: what each post wishes of lists of related posts, as JSON; of most nothing. A post without a row was
/// stored before.
pub(super) const VERSION_4: &str = "
CREATE TABLE wishes (
  post TEXT NOT NULL PRIMARY KEY REFERENCES post (id) ON DELETE CASCADE, wishes TEXT NOT NULL, checksum BLOB NOT NULL
) STRICT;
";

/// A table whose rows carry a checksum in a column after all others. The first column names the row to a reader.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) part: Part,
    /// The columns that tell one row from the others.
    key: &'static [&'static str],
    columns: &'static [&'static str],
}

/// Where posts come from.
pub(super) const SOURCE: Table = Table { name: "source", part: Part::Source, key: &["key"], columns: &["key", "spec"] };
/// Posts without their texts.
pub(super) const POST: Table = Table {
    name: "post",
    part: Part::Post,
    key: &["id"],
    columns: &[
        "id",
        "source_key",
        "content_hash",
        "text_bytes",
        "title",
        "summary",
        "summary_origin",
        "url",
        "date",
        "tags",
        "source",
        "author",
        "language",
        "minutes",
        "series_name",
        "series_part",
        "path",
    ],
};
/// The texts of posts, apart because listing posts does not need them.
pub(super) const BODY: Table = Table { name: "body", part: Part::Text, key: &["post"], columns: &["post", "text"] };
/// The words of posts, their texts included.
pub(super) const TERMS: Table =
    Table { name: "terms", part: Part::Terms, key: &["post"], columns: &["post", "counts"] };
/// Where posts lead.
pub(super) const LINKS: Table = Table { name: "links", part: Part::Links, key: &["post"], columns: &["post", "links"] };
/// What posts wish.
pub(super) const WISHES: Table =
    Table { name: "wishes", part: Part::Wishes, key: &["post"], columns: &["post", "wishes"] };
/// Spaces of embeddings.
pub(super) const SPACE: Table = Table {
    name: "space",
    part: Part::Space,
    key: &["n"],
    columns: &["key", "n", "model", "revision", "sha256", "dimension", "pooling", "long_texts", "template", "active"],
};
/// Embeddings of posts.
pub(super) const EMBEDDING: Table = Table {
    name: "embedding",
    part: Part::Embedding,
    key: &["post", "space"],
    columns: &["post", "space", "text_hash", "windows", "truncated", "vector"],
};
/// Sentence codes: one row for each row of [`EMBEDDING`], even if it has no sentence.
pub(super) const SENTENCES: Table =
    Table { name: "sentences", part: Part::Sentences, key: &["post", "space"], columns: &["post", "space", "codes"] };
/// The reading history.
pub(super) const HISTORY: Table =
    Table { name: "history", part: Part::History, key: &["n"], columns: &["post", "n", "read_at", "rating"] };
/// What was indexed when, by which version.
pub(super) const PROVENANCE: Table = Table {
    name: "provenance",
    part: Part::Provenance,
    key: &["n"],
    columns: &["source_key", "n", "at", "version", "space_key", "added", "changed", "removed", "unchanged"],
};
/// All of them.
pub(super) const TABLES: [&Table; 11] =
    [&SOURCE, &POST, &BODY, &TERMS, &LINKS, &WISHES, &SPACE, &EMBEDDING, &SENTENCES, &HISTORY, &PROVENANCE];

impl Table {
    /// Writes one row over the one with the same key, if `only_if` (an SQL condition, or nothing) holds for that one;
    /// returns how many rows were written, 0 or 1.
    pub(super) fn put(&self, connection: &Connection, only_if: &str, values: &[&dyn ToSql]) -> rusqlite::Result<usize> {
        let outputs = values.iter().map(|value| value.to_sql()).collect::<rusqlite::Result<Vec<_>>>()?;
        let checksum = checksum::of_row(self.name, outputs.iter().map(borrow));
        let mut row: Vec<&dyn ToSql> = values.to_vec();
        row.push(&checksum);
        connection.prepare_cached(&self.upsert(only_if))?.execute(params_from_iter(row))
    }

    fn upsert(&self, only_if: &str) -> String {
        let columns = self.columns.join(", ");
        let marks = vec!["?"; self.columns.len() + 1].join(", ");
        let changes: Vec<String> = (self.columns.iter().chain(&["checksum"]))
            .filter(|column| !self.key.contains(column))
            .map(|column| format!("{column} = excluded.{column}"))
            .collect();
        format!(
            "INSERT INTO {} ({columns}, checksum) VALUES ({marks}) ON CONFLICT ({}) DO UPDATE SET {} {only_if}",
            self.name,
            self.key.join(", "),
            changes.join(", ")
        )
    }

    /// Reads the rows that `rest` (an SQL tail) selects, as `decode` makes sense of them.
    pub(super) fn load<T>(
        &self,
        connection: &Connection,
        rest: &str,
        parameters: impl Params,
        mut decode: impl FnMut(&Row<'_>) -> Option<T>,
    ) -> rusqlite::Result<Loaded<T>> {
        let mut items = Vec::new();
        let damaged = self.scan(connection, rest, parameters, |row| {
            items.push(decode(row)?);
            Some(())
        })?;
        Ok(Loaded { items, damaged })
    }

    /// Reads the rows that `rest` (an SQL tail) selects. Each row whose checksum is right goes to `take`, which
    /// answers `None` when it makes no sense all the same; all others are returned.
    pub(super) fn scan(
        &self,
        connection: &Connection,
        rest: &str,
        parameters: impl Params,
        mut take: impl FnMut(&Row<'_>) -> Option<()>,
    ) -> rusqlite::Result<Vec<Damaged>> {
        let sql = format!("SELECT {}, checksum FROM {} {rest}", self.columns.join(", "), self.name);
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(parameters)?;
        let mut damaged = Vec::new();
        while let Some(row) = rows.next()? {
            if !self.verify(row)? || take(row).is_none() {
                damaged.push(self.damaged(row)?);
            }
        }
        Ok(damaged)
    }

    fn verify(&self, row: &Row<'_>) -> rusqlite::Result<bool> {
        let count = self.columns.len();
        let values = (0..count).map(|column| row.get_ref(column)).collect::<rusqlite::Result<Vec<_>>>()?;
        let stored = row.get_ref(count)?;
        Ok(stored == ValueRef::Blob(&checksum::of_row(self.name, values.into_iter())))
    }

    fn damaged(&self, row: &Row<'_>) -> rusqlite::Result<Damaged> {
        let name = match row.get_ref(0)? {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(_) | ValueRef::Null => String::new(),
        };
        Ok(Damaged { part: self.part, name })
    }

    /// Returns the number after the highest one in the table's column `n`.
    pub(super) fn next_number(&self, connection: &Connection) -> rusqlite::Result<i64> {
        connection.query_row(&format!("SELECT coalesce(max(n), 0) + 1 FROM {}", self.name), [], |row| row.get(0))
    }

    /// Verifies every row and, where rows are counted, their count.
    pub(super) fn check(&self, connection: &Connection) -> rusqlite::Result<Vec<Damaged>> {
        let rows = self.load(connection, "", [], |_| Some(()))?;
        let lost = self.lost(connection, rows.items.len() + rows.damaged.len())?;
        Ok(rows.damaged.into_iter().chain(lost).collect())
    }

    /// Removes the rows that do not pass their check.
    pub(super) fn remove_damaged(&self, connection: &Connection) -> rusqlite::Result<Vec<Damaged>> {
        let mut removed = Vec::new();
        let mut delete = connection.prepare(&format!("DELETE FROM {} WHERE rowid = ?1", self.name))?;
        let rowids: Vec<i64> = connection
            .prepare(&format!("SELECT rowid FROM {}", self.name))?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for rowid in rowids {
            let damaged = self.scan(connection, "WHERE rowid = ?1", [rowid], |_| Some(()))?;
            if !damaged.is_empty() {
                delete.execute([rowid])?;
                removed.extend(damaged);
            }
        }
        Ok(removed)
    }

    /// Tells how many of the rows that there should be are `found`, if it is not all of them. Says nothing of tables
    /// whose rows are not counted.
    pub(super) fn lost(&self, connection: &Connection, found: usize) -> rusqlite::Result<Option<Damaged>> {
        if !matches!(self.part, Part::Post | Part::History) {
            return Ok(None);
        }
        let mut statement = connection.prepare_cached("SELECT total FROM tally WHERE name = ?1")?;
        let mut rows = statement.query([self.name])?;
        let total: i64 = rows.next()?.map_or(Ok(-1), |row| row.get(0))?;
        Ok((i64::try_from(found) != Ok(total)).then(|| Damaged {
            part: Part::File,
            name: format!("{found} rows of {} were found where {total} were written", self.name),
        }))
    }
}

fn borrow<'a>(output: &'a ToSqlOutput<'_>) -> ValueRef<'a> {
    match output {
        ToSqlOutput::Borrowed(value) => *value,
        ToSqlOutput::Owned(value) => value.into(),
        // What is bound but cannot be hashed does not pass its check when it is read.
        _ => ValueRef::Null,
    }
}
