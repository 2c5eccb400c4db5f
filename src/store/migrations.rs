//! Which format is this file in, and how is an old one brought up to date?

use rusqlite::{Connection, TransactionBehavior};

use super::schema;

/// What each format version adds to the one before it. Only ever appended to.
pub(super) const MIGRATIONS: &[&str] = &[schema::VERSION_1, schema::VERSION_2, schema::VERSION_3, schema::VERSION_4];

/// Stored as SQLite's application id: "nxrd".
const APPLICATION_ID: i64 = 0x6e78_7264;

/// Whose file a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identity {
    /// Nothing was ever written to it.
    Empty,
    /// A store in this format version.
    Store(i64),
    /// A database of another program.
    Foreign,
}

/// Tells whose file the database is.
pub(super) fn identify(connection: &Connection) -> rusqlite::Result<Identity> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(match (number("application_id")?, number("user_version")?, tables) {
        (APPLICATION_ID, version @ 0.., _) => Identity::Store(version),
        (0, 0, 0) => Identity::Empty,
        _ => Identity::Foreign,
    })
}

/// Returns the format version that all of `migrations` lead to.
pub(super) fn newest(migrations: &[&str]) -> i64 {
    i64::try_from(migrations.len()).unwrap_or(i64::MAX)
}

/// Applies those of `migrations` that the database does not have yet, in one transaction: all or none.
///
/// Leaves the database alone if it is foreign or newer.
pub(super) fn migrate(connection: &mut Connection, migrations: &[&str]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Looked up again inside the transaction: another process may have been faster.
    let from = match identify(&transaction)? {
        Identity::Empty => 0,
        Identity::Store(version) => usize::try_from(version).unwrap_or(usize::MAX),
        Identity::Foreign => return Ok(()),
    };
    let Some(missing) = migrations.get(from..).filter(|missing| !missing.is_empty()) else { return Ok(()) };
    for migration in missing {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", newest(migrations))?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1);";
    const SECOND: &str = "ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x + 1;";
    const BROKEN: &str = "UPDATE a SET y = 7; UPDATE missing SET y = 7;";

    fn y(connection: &Connection) -> i64 {
        connection.query_row("SELECT y FROM a", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn applies_what_is_missing_and_nothing_twice() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert_eq!(identify(&connection).unwrap(), Identity::Empty);
        migrate(&mut connection, &[FIRST]).unwrap();
        assert_eq!(identify(&connection).unwrap(), Identity::Store(1));
        for _ in 0..2 {
            migrate(&mut connection, &[FIRST, SECOND]).unwrap();
            assert_eq!((identify(&connection).unwrap(), y(&connection)), (Identity::Store(2), 2));
        }
    }

    #[test]
    fn a_migration_that_fails_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &[FIRST, SECOND]).unwrap();
        assert!(migrate(&mut connection, &[FIRST, SECOND, BROKEN]).is_err());
        assert_eq!((identify(&connection).unwrap(), y(&connection)), (Identity::Store(2), 2));
    }

    #[test]
    fn newer_and_foreign_databases_stay_as_they_are() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &[FIRST, SECOND]).unwrap();
        migrate(&mut connection, &[FIRST]).unwrap();
        assert_eq!(identify(&connection).unwrap(), Identity::Store(2));

        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(FIRST).unwrap();
        migrate(&mut connection, &[FIRST]).unwrap();
        assert_eq!(identify(&connection).unwrap(), Identity::Foreign);
        connection.execute_batch("PRAGMA application_id = 0x6e787264; PRAGMA user_version = -1").unwrap();
        assert_eq!(identify(&connection).unwrap(), Identity::Foreign);
    }
}
