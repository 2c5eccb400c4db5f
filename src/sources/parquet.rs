//! How are posts read from an Apache Parquet file? A row is a record; only where the feature `parquet` was built in.

use std::fs::File;

use super::collector::Collector;

/// Why nothing of a Parquet file is read.
#[derive(Debug, thiserror::Error)]
pub enum ParquetFault {
    /// This program was built without it.
    #[error(
        "is a Parquet file, which this build does not read; build it with `cargo install --features parquet`, or write JSON lines"
    )]
    NotBuiltIn,
    /// It comes from a stream, and its index is at its end.
    #[error("is a Parquet file, which can only be read from a file whose name ends in .parquet; save it as one")]
    Stream,
    /// What the library says of it.
    #[error("is no Parquet file that can be read ({0}); write it anew")]
    Refused(String),
    /// More than [`super::Limits::unpacked_bytes`], by its own index.
    #[error("unpacks to more than {limit} bytes; split it")]
    TooLarge {
        /// The limit that it breaks.
        limit: u64,
    },
}

#[cfg(not(feature = "parquet"))]
pub(super) fn read_parquet(_file: File, _name: &str, _posts: &mut Collector<'_>) -> Result<(), ParquetFault> {
    Err(ParquetFault::NotBuiltIn)
}

#[cfg(feature = "parquet")]
pub(super) use self::rows::read_parquet;

#[cfg(feature = "parquet")]
mod rows {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::{Field, Row};
    use serde_json::{Map, Value};

    use super::{Collector, File, ParquetFault};
    use crate::sources::exports::add_record;
    use crate::sources::raw_post::TitleRule;
    use crate::sources::reasons::SkipReason;
    use crate::sources::report::Place;

    /// Reads every row; one that cannot be read ends its file, since nothing says where the next begins.
    pub(in crate::sources) fn read_parquet(
        file: File,
        name: &str,
        posts: &mut Collector<'_>,
    ) -> Result<(), ParquetFault> {
        let limits = &posts.options.limits;
        let reader = caught(|| SerializedFileReader::new(file)).map_err(ParquetFault::Refused)?;
        if bytes_by_index(&reader) > limits.unpacked_bytes {
            return Err(ParquetFault::TooLarge { limit: limits.unpacked_bytes });
        }
        let mut rows = caught(|| reader.get_row_iter(None)).map_err(ParquetFault::Refused)?;
        let mut left = limits.unpacked_bytes;
        for number in 1.. {
            let place = Place::file(&format!("{name} (row {number})"));
            let record = match caught(|| rows.next().transpose()) {
                Ok(None) => break,
                Ok(Some(_)) if number > limits.rows => Err(SkipReason::TooManyRows { limit: limits.rows }),
                Ok(Some(row)) => caught(|| Ok(record(&row))).map_err(SkipReason::Row),
                Err(why) => Err(SkipReason::Row(why)),
            };
            let record = record.and_then(|record| {
                let bytes: usize = record.iter().map(|(name, value)| name.len() + bytes_of(value)).sum();
                left =
                    left.checked_sub(bytes as u64).ok_or(SkipReason::TooManyBytes { limit: limits.unpacked_bytes })?;
                Ok((record, bytes))
            });
            match record {
                Ok((_, bytes)) if bytes > limits.record_bytes => {
                    posts.skip(place, SkipReason::RecordTooLong { limit: limits.record_bytes });
                }
                Ok((record, _)) => add_record(&record, place, TitleRule::Skip(SkipReason::NoTitle), posts),
                Err(reason) => {
                    posts.skip(place, reason);
                    break;
                }
            }
        }
        Ok(())
    }

    /// Runs what the library does: it asserts where a file contradicts itself.
    pub(super) fn caught<T>(work: impl FnOnce() -> parquet::errors::Result<T>) -> Result<T, String> {
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(done) => done.map_err(|error| error.to_string()),
            Err(_) => Err("it contradicts itself".to_owned()),
        }
    }

    fn bytes_by_index(reader: &SerializedFileReader<File>) -> u64 {
        let groups = reader.metadata().row_groups().iter();
        groups.fold(0, |sum, group| sum.saturating_add(u64::try_from(group.total_byte_size()).unwrap_or(u64::MAX)))
    }

    fn bytes_of(value: &Value) -> usize {
        match value {
            Value::String(text) => text.len(),
            Value::Array(values) => values.iter().map(bytes_of).sum(),
            Value::Object(fields) => fields.iter().map(|(name, value)| name.len() + bytes_of(value)).sum(),
            Value::Null | Value::Bool(_) | Value::Number(_) => size_of::<Value>(),
        }
    }

    fn record(row: &Row) -> Map<String, Value> {
        row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect()
    }

    fn value(field: &Field) -> Value {
        match field {
            Field::Bool(yes) => (*yes).into(),
            Field::Byte(number) => (*number).into(),
            Field::Short(number) => (*number).into(),
            Field::Int(number) => (*number).into(),
            Field::Long(number) => (*number).into(),
            Field::UByte(number) => (*number).into(),
            Field::UShort(number) => (*number).into(),
            Field::UInt(number) => (*number).into(),
            Field::ULong(number) => (*number).into(),
            Field::Float(number) => (*number).into(),
            Field::Double(number) => (*number).into(),
            Field::Str(text) => text.as_str().into(),
            Field::Bytes(bytes) => bytes.as_utf8().map_or(Value::Null, Value::from),
            Field::Date(days) => day(i64::from(*days) * 86_400),
            Field::TimestampMillis(moment) => day(moment.div_euclid(1_000)),
            Field::TimestampMicros(moment) => day(moment.div_euclid(1_000_000)),
            Field::Group(row) => Value::Object(record(row)),
            Field::ListInternal(list) => list.elements().iter().map(value).collect(),
            // What says nothing of a post: times without a day, decimals, maps.
            _ => Value::Null,
        }
    }

    fn day(seconds: i64) -> Value {
        chrono::DateTime::from_timestamp(seconds, 0)
            .map_or(Value::Null, |time| time.format("%Y-%m-%d").to_string().into())
    }
}

#[cfg(feature = "parquet")]
#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;
    use crate::post::PostDate;
    use crate::sources::{FieldMap, ReadOptions, read_path};

    const SCHEMA: &str = "message posts {
        required binary name (UTF8); optional int32 date (DATE); optional int64 updated (TIMESTAMP(MILLIS,true));
        optional group tags (LIST) { repeated group list { optional binary element (UTF8); } } }";

    fn write(path: &std::path::Path) {
        let file = File::create(path).unwrap();
        let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
        let mut writer = SerializedFileWriter::new(file, schema, Arc::new(WriterProperties::default())).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&[ByteArray::from("A"), ByteArray::from("B")], None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int32Type>().write_batch(&[19_753], Some(&[1, 0]), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int64Type>().write_batch(&[1_706_695_200_000], Some(&[0, 1]), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let tags = [ByteArray::from("x"), ByteArray::from("y")];
        column.typed::<ByteArrayType>().write_batch(&tags, Some(&[3, 3, 0]), Some(&[0, 1, 0])).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
    }

    #[test]
    fn a_row_is_a_post() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("posts.parquet");
        write(&path);
        let mut options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        options.fields = FieldMap::parse("title=name").unwrap();
        let read = read_path(&path, &options).unwrap();
        assert_eq!((read.posts.len(), read.report.faults), (2, 0), "{:?}", read.report);
        assert_eq!((read.posts[0].title.as_str(), read.posts[0].date), ("A", PostDate::parse("2024-01-31")));
        assert_eq!(read.posts[0].tags, ["x", "y"]);
        assert_eq!((read.posts[1].title.as_str(), read.posts[1].date), ("B", PostDate::parse("2024-01-31")));
    }

    #[test]
    fn limits_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("posts.parquet");
        write(&path);
        let read = |change: fn(&mut crate::sources::Limits)| {
            let mut options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
            options.fields = FieldMap::parse("title=name").unwrap();
            change(&mut options.limits);
            match read_path(&path, &options) {
                Ok(read) => format!("{} {:?}", read.posts.len(), read.report.skipped.counts),
                Err(fault) => fault.to_string(),
            }
        };
        assert_eq!(read(|limits| limits.rows = 1), r#"1 {"beyond the limit": 1}"#);
        assert_eq!(read(|limits| limits.record_bytes = 4), r#"0 {"record too long": 2}"#);
        let fault = read(|limits| limits.unpacked_bytes = 40);
        assert!(fault.ends_with("unpacks to more than 40 bytes; split it"), "{fault}");
    }

    #[test]
    fn what_the_library_asserts_is_a_fault() {
        let said = super::rows::caught::<()>(|| panic!("left == right"));
        assert_eq!(said.unwrap_err(), "it contradicts itself");
    }

    #[test]
    fn damage_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("posts.parquet");
        write(&path);
        let whole = std::fs::read(&path).unwrap();
        let options = ReadOptions::new(PostDate::parse("2026-06-01").unwrap());
        for end in [0, 4, 20, whole.len() - 1] {
            std::io::Write::write_all(&mut File::create(&path).unwrap(), &whole[..end]).unwrap();
            let fault = read_path(&path, &options).unwrap_err().to_string();
            assert!(fault.contains("is no Parquet file that can be read"), "{fault}");
        }
    }
}
