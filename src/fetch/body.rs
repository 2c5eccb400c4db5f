//! How is a body taken in without taking more than was agreed? Decoded and counted while it is read.

use std::io::{self, Read, Write};

use brotli_decompressor::Decompressor;
use flate2::read::MultiGzDecoder;

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 16 << 10;
/// What a compressed body may have more than a plain one: packing what cannot be packed makes it longer.
const PACKED_SLACK_BYTES: u64 = 64 << 10;

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gzip,
    Brotli,
}

/// Why a body was not taken in.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyFault {
    #[error("longer than {0} bytes")]
    TooLong(usize),
    #[error("cannot be read")]
    Read(#[source] io::Error),
    #[error("cannot be unpacked")]
    Unpack(#[source] io::Error),
    #[error("cannot be written")]
    Write(#[source] io::Error),
}

impl Packing {
    /// Reads the header `Content-Encoding`; `None` for one that was not asked for.
    pub(super) fn parse(header: &str) -> Option<Packing> {
        match header.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Some(Packing::Plain),
            "gzip" | "x-gzip" => Some(Packing::Gzip),
            "br" => Some(Packing::Brotli),
            _ => None,
        }
    }
}

/// Unpacks `body` into `sink`, at most `bytes_max` bytes, and returns how many there were.
pub(super) fn copy(
    body: impl Read,
    packing: Packing,
    bytes_max: usize,
    sink: &mut dyn Write,
) -> Result<usize, BodyFault> {
    let mut counted = Counted { inner: body, left: bytes_max as u64 + PACKED_SLACK_BYTES, fault: None };
    let copied = match packing {
        Packing::Plain => copy_plain(&mut counted, bytes_max, sink),
        Packing::Gzip => copy_plain(MultiGzDecoder::new(&mut counted), bytes_max, sink),
        Packing::Brotli => copy_plain(Decompressor::new(&mut counted, CHUNK_BYTES), bytes_max, sink),
    };
    // What the decoder says of a connection that broke is not what is wrong.
    match (copied, counted.fault) {
        (Err(BodyFault::Unpack(_)), Some(Fault::TooLong)) => Err(BodyFault::TooLong(bytes_max)),
        (Err(BodyFault::Unpack(_)), Some(Fault::Read(fault))) => Err(BodyFault::Read(fault)),
        (copied, _) => copied,
    }
}

fn copy_plain(mut body: impl Read, bytes_max: usize, sink: &mut dyn Write) -> Result<usize, BodyFault> {
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut total = 0;
    loop {
        let read = match body.read(&mut chunk) {
            Ok(0) => return Ok(total),
            Ok(read) => read,
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => continue,
            Err(fault) => return Err(BodyFault::Unpack(fault)),
        };
        total += read;
        if total > bytes_max {
            return Err(BodyFault::TooLong(bytes_max));
        }
        sink.write_all(&chunk[..read]).map_err(BodyFault::Write)?;
    }
}

enum Fault {
    TooLong,
    Read(io::Error),
}

/// What comes over the network, with an end; keeps what went wrong there.
struct Counted<R> {
    inner: R,
    left: u64,
    fault: Option<Fault>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self.inner.read(buffer) {
            Ok(read) => read,
            Err(fault) => {
                self.fault = Some(Fault::Read(fault));
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        };
        let Some(left) = self.left.checked_sub(read as u64) else {
            self.fault = Some(Fault::TooLong);
            return Err(io::ErrorKind::FileTooLarge.into());
        };
        self.left = left;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[track_caller]
    fn check(body: impl Read, packing: Packing, expect: Result<&[u8], &str>) {
        let mut sink = Vec::new();
        let said = copy(body, packing, 1 << 20, &mut sink).map_err(|fault| fault.to_string());
        assert_eq!(said, expect.map(<[u8]>::len).map_err(str::to_owned));
        assert!(sink.len() <= 1 << 20);
        if let Ok(expect) = expect {
            assert_eq!(sink, expect);
        }
    }

    #[test]
    fn bodies_come_out_as_they_went_in() {
        check(b"words".as_slice(), Packing::Plain, Ok(b"words"));
        check(gzip(b"words").as_slice(), Packing::Gzip, Ok(b"words"));
        // "words", as one uncompressed brotli block.
        check(b"\x0b\x02\x80words\x03".as_slice(), Packing::Brotli, Ok(b"words"));
        check(b"".as_slice(), Packing::Plain, Ok(b""));
    }

    #[test]
    fn bombs_and_endless_bodies_end_at_the_limit() {
        let too_long = Err("longer than 1048576 bytes");
        check(io::repeat(b'x'), Packing::Plain, too_long);
        let bomb = gzip(&vec![0; 64 << 20]);
        assert!(bomb.len() < 1 << 17);
        check(bomb.as_slice(), Packing::Gzip, too_long);
        // Empty members without end are nothing, decoded, and take forever all the same.
        let nothing = gzip(b"");
        check(Endless { of: nothing, at: 0 }, Packing::Gzip, too_long);
    }

    struct Endless {
        of: Vec<u8>,
        at: usize,
    }

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = (&self.of[self.at..]).read(buffer)?;
            self.at = (self.at + read) % self.of.len();
            Ok(read)
        }
    }

    #[test]
    fn what_breaks_says_where() {
        check(b"no gzip at all".as_slice(), Packing::Gzip, Err("cannot be unpacked"));
        check(&gzip(b"words")[..12], Packing::Gzip, Err("cannot be unpacked"));
        check(Broken.chain(io::empty()), Packing::Gzip, Err("cannot be read"));
        assert_eq!(Packing::parse("Gzip"), Some(Packing::Gzip));
        assert_eq!(Packing::parse("zstd"), None);
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
}
