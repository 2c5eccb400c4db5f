//! How is the database opened so that nothing acknowledged is lost and nothing foreign is touched?

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::error::StoreError;
use super::lock::{Lock, Waiting};
use super::migrations::{self, Identity, MIGRATIONS};

/// The database in the store's folder.
pub(super) fn database(dir: &Path) -> PathBuf {
    dir.join("store.db")
}

/// The lock file in the store's folder.
pub(super) fn lock_file(dir: &Path) -> PathBuf {
    dir.join("store.lock")
}

/// Opens a store that exists; creates and migrates nothing.
pub(super) fn open(dir: &Path) -> Result<Connection, StoreError> {
    let path = database(dir);
    match fs::metadata(&path) {
        Ok(_) => {}
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Err(StoreError::Missing { path });
        }
        Err(source) => return Err(StoreError::Io { path, source }),
    }
    let fault = |error| StoreError::from_sqlite(&path, error);
    let (connection, identity) = match connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE) {
        Err(error) if wants_to_write(&error) => connect_immutable(&path)?,
        opened => opened.map_err(fault)?,
    };
    match identity {
        Identity::Empty => Err(StoreError::Missing { path }),
        Identity::Store(found) if found < migrations::newest(MIGRATIONS) => {
            Err(StoreError::Older { path, found, known: migrations::newest(MIGRATIONS) })
        }
        identity => refuse_others(&path, identity).map(|()| connection),
    }
}

/// Opens the store in `dir`, makes it if there is none, brings it up to date if it is older.
pub(super) fn create_or_open(dir: &Path, on_wait: &mut dyn FnMut(Waiting)) -> Result<Connection, StoreError> {
    create_folder(dir).map_err(|source| StoreError::Io { path: dir.to_owned(), source })?;
    let path = database(dir);
    let fault = |error| StoreError::from_sqlite(&path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let (mut connection, identity) = connect(&path, flags).map_err(fault)?;
    refuse_others(&path, identity)?;
    let journal = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    let mode = connection.pragma_query_value(None, "journal_mode", journal).map_err(fault)?;
    if identity != Identity::Store(migrations::newest(MIGRATIONS)) || mode != "wal" {
        let _lock = Lock::take(&lock_file(dir), on_wait)?;
        connection.pragma_update_and_check(None, "journal_mode", "wal", journal).map_err(fault)?;
        migrations::migrate(&mut connection, MIGRATIONS).map_err(fault)?;
        refuse_others(&path, migrations::identify(&connection).map_err(fault)?)?;
    }
    Ok(connection)
}

/// Refuses a database that is not ours to read or to write.
pub(super) fn refuse_others(path: &Path, identity: Identity) -> Result<(), StoreError> {
    let known = migrations::newest(MIGRATIONS);
    match identity {
        Identity::Foreign => Err(StoreError::Foreign { path: path.to_owned() }),
        Identity::Store(found) if found > known => Err(StoreError::Newer { path: path.to_owned(), found, known }),
        Identity::Store(_) | Identity::Empty => Ok(()),
    }
}

/// Fails with a SQLite that can corrupt a database under two writers (sqlite.org/wal.html#walresetbug).
pub(super) fn require_sound_sqlite() -> Result<(), StoreError> {
    let found = rusqlite::version();
    if rusqlite::version_number() < 3_051_003 { Err(StoreError::OldSqlite { found }) } else { Ok(()) }
}

fn create_folder(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    // What somebody reads is nobody else's business.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<(Connection, Identity)> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    // The file may be damaged or hostile: no SQL of its own beyond our triggers, no mapped pages.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // FULL: in power cuts, NORMAL lost 535 of 39,135 acknowledged rows.
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA foreign_keys = ON;
         PRAGMA synchronous = FULL;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    let identity = migrations::identify(&connection)?;
    Ok((connection, identity))
}

/// Tells whether reading failed because SQLite may not write beside the database.
fn wants_to_write(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied))
}

/// Opens a database in a folder that may not be written, if nothing waits in a write-ahead log beside it.
fn connect_immutable(path: &Path) -> Result<(Connection, Identity), StoreError> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        return Err(StoreError::ReadOnly { path: path.to_owned() });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    connect(Path::new(&immutable_uri(path)), flags).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen) => {
            StoreError::Io { path: path.to_owned(), source: io::Error::from(io::ErrorKind::PermissionDenied) }
        }
        _ => StoreError::from_sqlite(path, error),
    })
}

fn immutable_uri(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    uri + "?immutable=1"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;

    /// What a store in a folder that may not be written is read with. (Tests may run as root, whom nothing forbids
    /// to write.)
    #[test]
    fn an_immutable_database_is_read_unless_a_log_waits_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("a b?c#d%é");
        testing::store_of(&dir, &[testing::post("a")]);
        let path = database(&dir);
        let (connection, identity) = connect_immutable(&path).unwrap();
        assert_eq!(identity, Identity::Store(migrations::newest(MIGRATIONS)));
        assert!(connection.is_readonly("main").unwrap());
        let posts: i64 = connection.query_row("SELECT count(*) FROM post", [], |row| row.get(0)).unwrap();
        assert_eq!(posts, 1);

        fs::copy(&path, dir.join("store.db-wal")).unwrap();
        assert!(matches!(connect_immutable(&path), Err(StoreError::ReadOnly { .. })));
    }

    #[test]
    fn the_linked_sqlite_is_sound() {
        require_sound_sqlite().unwrap();
    }
}
