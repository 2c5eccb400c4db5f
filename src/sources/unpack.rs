//! What is inside of a gzip file? Its bytes, up to a limit: a bomb is told, not unpacked.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

/// What the first bytes of a gzip file are.
pub(super) const MAGIC: &[u8] = b"\x1f\x8b";

/// Says that something unpacks to more than it may.
#[derive(Debug, thiserror::Error)]
#[error("unpacks to more than {limit} bytes; unpack it and split it")]
pub(super) struct Bomb {
    pub(super) limit: u64,
}

/// Reads what a gzip stream unpacks to; more than `limit` bytes are an error of the kind [`Bomb`].
pub(super) fn unpacked(packed: impl Read, limit: u64) -> impl Read {
    Bounded { reader: MultiGzDecoder::new(packed), limit, left: limit }
}

struct Bounded<R> {
    reader: R,
    limit: u64,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::other(Bomb { limit: self.limit })),
        }
        Ok(read)
    }
}

/// Tells whether reading failed because too much was unpacked.
pub(super) fn is_bomb(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Bomb>())
}

#[cfg(test)]
pub(in crate::sources) mod tests {
    use std::io::Write;

    use super::*;

    pub(in crate::sources) fn pack(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    fn check(packed: &[u8], limit: u64, expect: Result<usize, bool>) {
        let mut bytes = Vec::new();
        let read = unpacked(packed, limit).read_to_end(&mut bytes);
        assert_eq!(read.map_err(|error| is_bomb(&error)), expect);
    }

    #[test]
    fn a_bomb_is_told_and_a_torn_file_is_not_one() {
        check(&pack(b"12345"), 5, Ok(5));
        check(&pack(b"123456"), 5, Err(true));
        check(&[pack(b"123"), pack(b"45")].concat(), 5, Ok(5));
        check(&pack(&vec![0; 32 << 20]), 1 << 10, Err(true));
        let torn = pack(b"12345");
        check(&torn[..torn.len() - 3], 5, Err(false));
    }
}
