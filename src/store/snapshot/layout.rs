//! Which byte means what? The format, version 1; every number is little-endian.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | [`MAGIC`] |
//! | 4 | format version |
//! | 4 | `n`: bytes from the start of the file to the checksum of the head |
//! | 8 | bytes of the whole file |
//! | 8, 8, 16 | rows, dimension, content |
//! | 4, 4, 4, 4 | bytes of kind, space key and parameters; number of sections |
//! | … | kind, space key, parameters |
//! | 56 a section | name padded with zeros (24), offset (8), length (8), XXH3-128 of the section (16) |
//! | 16 | XXH3-128 of the first `n` bytes, which are all of the above |
//!
//! Then the sections in the order of the table, each at the next multiple of 64; bytes between them are zero. The file
//! ends with the last section, or at a multiple of 64 if there is none. So the lengths alone decide where everything
//! lies.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_128;

use super::header::Refusal;
use super::{Section, SnapshotFault, SnapshotHeader};

/// No text begins with this, and a transfer that rewrites line ends changes it.
const MAGIC: [u8; 8] = *b"nxsnap\r\n";
/// The format that this build reads and writes.
const VERSION: u32 = 1;
/// Sections start at multiples of this: lines of AVX-512, and of the cache.
const ALIGNMENT: u64 = 64;
/// Bytes up to the length of the file, which say how much more there is to read.
const START_BYTES: usize = 24;
/// Bytes up to the first text.
const FIXED_BYTES: u64 = 72;
const NAME_BYTES: usize = 24;
const ENTRY_BYTES: u64 = NAME_BYTES as u64 + 8 + 8 + 16;
const CHECKSUM_BYTES: u64 = 16;
/// The longest head with its checksum: keys and parameters are short, and a damaged length must not ask for gigabytes.
pub(super) const HEAD_BYTES_MAX: u64 = 1 << 16;

/// The header and the table of sections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) header: SnapshotHeader,
    pub(super) entries: Vec<Entry>,
    /// Bytes of the head with its checksum.
    bytes: u64,
}

/// A row of the table of sections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    offset: u64,
    length: u64,
    checksum: u128,
}

impl Entry {
    /// Returns where the section lies. [`Head::decode`] has checked that this is within the file.
    pub(super) fn range(&self) -> Range<usize> {
        self.offset as usize..(self.offset + self.length) as usize
    }
}

impl Head {
    /// Reads and checks the head of a file of `file_bytes` bytes, of which `start` has the first
    /// [`HEAD_BYTES_MAX`] (or more, or all).
    pub(super) fn decode(start: &[u8], file_bytes: u64) -> Result<Head, Refusal> {
        let fields = Fields(start.strip_prefix(&MAGIC).ok_or(Refusal::Foreign)?);
        let (head, fields) = checked(start, fields, file_bytes)?;
        let (header, sections, fields) = header(fields)?;
        let entries = entries(fields, sections)?;
        let head = Head { header, entries, bytes: head.len() as u64 + CHECKSUM_BYTES };
        head.check_places(file_bytes)?;
        Ok(head)
    }

    /// Sections follow one another without a gap beyond the padding, and the file ends with the last.
    fn check_places(&self, file_bytes: u64) -> Result<(), SnapshotFault> {
        let mut end = aligned(self.bytes).ok_or(SnapshotFault::TooLarge)?;
        for (number, entry) in self.entries.iter().enumerate() {
            let name = || entry.name.clone();
            if self.entries[..number].iter().any(|earlier| earlier.name == entry.name) {
                return Err(SnapshotFault::Duplicate { name: name() });
            }
            let expected = aligned(end).ok_or(SnapshotFault::TooLarge)?;
            if entry.offset != expected {
                return Err(SnapshotFault::Offset { name: name(), found: entry.offset, expected });
            }
            end = expected.checked_add(entry.length).ok_or(SnapshotFault::TooLarge)?;
        }
        if end != file_bytes {
            return Err(SnapshotFault::Length { found: file_bytes, expected: end });
        }
        usize::try_from(end).map(drop).map_err(|_| SnapshotFault::TooLarge)
    }

    /// Checks the bytes of a whole file against this head, which was decoded from it.
    pub(super) fn verify(&self, file: &[u8]) -> Result<(), SnapshotFault> {
        let mut end = self.bytes as usize;
        let first = aligned(self.bytes).map_or(end, |at| at as usize);
        for range in self.entries.iter().map(Entry::range).chain(self.entries.is_empty().then_some(first..first)) {
            if let Some(at) = file[end..range.start].iter().position(|byte| *byte != 0) {
                return Err(SnapshotFault::Padding { at: end + at });
            }
            end = range.end;
        }
        for entry in &self.entries {
            if xxh3_128(&file[entry.range()]) != entry.checksum {
                return Err(SnapshotFault::Checksum { name: entry.name.clone() });
            }
        }
        Ok(())
    }
}

/// Returns the bytes of the head that its checksum covers and the fields that remain behind its start.
fn checked<'a>(start: &'a [u8], mut fields: Fields<'a>, file_bytes: u64) -> Result<(&'a [u8], Fields<'a>), Refusal> {
    let version = fields.u32().ok_or(SnapshotFault::Head)?;
    if version != VERSION {
        return Err(Refusal::Version { found: version, known: VERSION });
    }
    let head_bytes = fields.u32().ok_or(SnapshotFault::Head)? as usize;
    let claimed = fields.u64().ok_or(SnapshotFault::Head)?;
    let (head, rest) = start.split_at_checked(head_bytes).ok_or(SnapshotFault::Head)?;
    let checksum = Fields(rest).u128().ok_or(SnapshotFault::Head)?;
    if xxh3_128(head) != checksum {
        return Err(SnapshotFault::HeadChecksum.into());
    }
    if claimed != file_bytes {
        return Err(SnapshotFault::Length { found: file_bytes, expected: claimed }.into());
    }
    Ok((head, Fields(head.get(START_BYTES..).ok_or(SnapshotFault::Head)?)))
}

/// Reads the header; returns it, the number of sections and the fields of the table.
fn header(mut fields: Fields<'_>) -> Result<(SnapshotHeader, u32, Fields<'_>), SnapshotFault> {
    let mut read = || {
        let (rows, dimension, content) = (fields.u64()?, fields.u64()?, fields.u128()?);
        let (lengths, sections) = ([fields.u32()?, fields.u32()?, fields.u32()?], fields.u32()?);
        let texts = [fields.take(lengths[0])?, fields.take(lengths[1])?, fields.take(lengths[2])?];
        Some((rows, dimension, content, texts, sections))
    };
    let (rows, dimension, content, [kind, space_key, parameters], sections) = read().ok_or(SnapshotFault::Head)?;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| SnapshotFault::Utf8);
    let number = |number: u64| usize::try_from(number).map_err(|_| SnapshotFault::TooLarge);
    let header = SnapshotHeader {
        kind: name(kind)?,
        space_key: text(space_key)?,
        dimension: number(dimension)?,
        rows: number(rows)?,
        content,
        parameters: text(parameters)?,
    };
    Ok((header, sections, fields))
}

/// Reads the table of sections, which is all that is left.
fn entries(mut fields: Fields<'_>, sections: u32) -> Result<Vec<Entry>, SnapshotFault> {
    if fields.0.len() as u64 != u64::from(sections) * ENTRY_BYTES {
        return Err(SnapshotFault::Head);
    }
    let mut entry = || {
        let padded = fields.take(NAME_BYTES as u32)?;
        let length = padded.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        Some((&padded[..length], fields.u64()?, fields.u64()?, fields.u128()?))
    };
    (0..sections)
        .map(|_| {
            let (bytes, offset, length, checksum) = entry().ok_or(SnapshotFault::Head)?;
            Ok(Entry { name: name(bytes)?, offset, length, checksum })
        })
        .collect()
}

/// Returns the whole of a file up to its first section, and its head.
pub(super) fn encode(header: &SnapshotHeader, sections: &[Section<'_>]) -> Result<(Vec<u8>, Head), SnapshotFault> {
    let SnapshotHeader { kind, space_key, dimension, rows, content, parameters } = header;
    let texts = [kind, space_key, parameters].map(|text| text.as_bytes());
    let head_bytes =
        FIXED_BYTES + texts.iter().map(|text| text.len() as u64).sum::<u64>() + ENTRY_BYTES * sections.len() as u64;
    if head_bytes + CHECKSUM_BYTES > HEAD_BYTES_MAX {
        return Err(SnapshotFault::HeadTooLong { bytes: head_bytes + CHECKSUM_BYTES, max: HEAD_BYTES_MAX });
    }
    let (table, end) = encode_table(head_bytes + CHECKSUM_BYTES, sections)?;
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_le_bytes());
    // Everything counted here is below HEAD_BYTES_MAX.
    bytes.extend((head_bytes as u32).to_le_bytes());
    [end, *rows as u64, *dimension as u64].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    bytes.extend(content.to_le_bytes());
    texts.iter().for_each(|text| bytes.extend((text.len() as u32).to_le_bytes()));
    bytes.extend((sections.len() as u32).to_le_bytes());
    texts.iter().for_each(|text| bytes.extend(*text));
    bytes.extend(table);
    bytes.extend(xxh3_128(&bytes).to_le_bytes());
    // What cannot be read is not written: one set of rules.
    let head = Head::decode(&bytes, end).map_err(|refusal| match refusal {
        Refusal::Fault(fault) => fault,
        Refusal::Foreign | Refusal::Version { .. } => SnapshotFault::Head,
    })?;
    bytes.resize(bytes.len().next_multiple_of(ALIGNMENT as usize), 0);
    Ok((bytes, head))
}

/// Returns the table of sections behind a head of `head_bytes` bytes, and where the file ends.
fn encode_table(head_bytes: u64, sections: &[Section<'_>]) -> Result<(Vec<u8>, u64), SnapshotFault> {
    let mut table = Vec::new();
    let mut end = aligned(head_bytes).ok_or(SnapshotFault::TooLarge)?;
    for section in sections {
        let offset = aligned(end).ok_or(SnapshotFault::TooLarge)?;
        let length = section.bytes.len() as u64;
        let mut padded = [0; NAME_BYTES];
        let name = name(section.name.as_bytes())?;
        padded[..name.len()].copy_from_slice(name.as_bytes());
        table.extend(padded);
        [offset, length].iter().for_each(|number| table.extend(number.to_le_bytes()));
        table.extend(xxh3_128(section.bytes).to_le_bytes());
        end = offset.checked_add(length).ok_or(SnapshotFault::TooLarge)?;
    }
    Ok((table, end))
}

fn name(bytes: &[u8]) -> Result<String, SnapshotFault> {
    let name = String::from_utf8_lossy(bytes).into_owned();
    let fits = (1..=NAME_BYTES).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    if fits { Ok(name) } else { Err(SnapshotFault::Name { name }) }
}

fn aligned(at: u64) -> Option<u64> {
    at.checked_next_multiple_of(ALIGNMENT)
}

/// Bytes that are read from their start; `None` where they end early.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: u32) -> Option<&'a [u8]> {
        let (field, rest) = self.0.split_at_checked(length as usize)?;
        self.0 = rest;
        Some(field)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*field)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn u128(&mut self) -> Option<u128> {
        self.array().map(u128::from_le_bytes)
    }
}
