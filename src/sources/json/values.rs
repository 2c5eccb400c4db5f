//! Where does a JSON record end? Cuts a stream into lines or values without holding more than one of them.

use std::io::{self, BufRead, Read};

/// A line or a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Whole(Vec<u8>),
    /// Longer than the limit; its bytes were passed over.
    TooLong,
}

/// Returns the next line without its end, holding at most `limit` bytes of it.
pub(super) fn next_line(reader: &mut impl BufRead, limit: usize) -> io::Result<Option<Piece>> {
    let mut line = Vec::new();
    let ceiling = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    if reader.by_ref().take(ceiling).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() > limit {
        reader.skip_until(b'\n')?;
        return Ok(Some(Piece::TooLong));
    }
    Ok(Some(Piece::Whole(line)))
}

/// Where in a value the reader stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Between,
    /// In a number or a word outside of all brackets.
    Bare,
    Brackets {
        depth: usize,
    },
    Text {
        depth: usize,
        escaped: bool,
    },
}

/// Returns the next value and the line on which it begins; commas between values and brackets around all of them do
/// not count. `line` is the reader's, kept up to date.
///
/// Only brackets and quotation marks are looked at, so that a value that is not valid costs itself and not the next.
pub(super) fn next_value(
    reader: &mut impl BufRead,
    line: &mut usize,
    limit: usize,
) -> io::Result<Option<(usize, Piece)>> {
    let mut value = Vec::new();
    let mut too_long = false;
    let mut state = State::Between;
    let mut start = *line;
    let piece = |value, too_long| if too_long { Piece::TooLong } else { Piece::Whole(value) };
    loop {
        let available = reader.fill_buf()?;
        if available.is_empty() {
            return Ok((state != State::Between).then(|| (start, piece(value, too_long))));
        }
        let mut used = 0;
        let mut ended = false;
        for &byte in available {
            let next = step(state, byte);
            if state == State::Bare && next == State::Between {
                ended = true;
                break;
            }
            used += 1;
            if state == State::Between && next != State::Between {
                start = *line;
            }
            *line += usize::from(byte == b'\n');
            if next != State::Between || state != State::Between {
                if value.len() < limit {
                    value.push(byte);
                } else {
                    too_long = true;
                }
            }
            ended = state != State::Between && next == State::Between;
            state = next;
            if ended {
                break;
            }
        }
        reader.consume(used);
        if ended {
            return Ok(Some((start, piece(value, too_long))));
        }
    }
}

fn step(state: State, byte: u8) -> State {
    let closed = |depth: usize| if depth == 0 { State::Between } else { State::Brackets { depth } };
    match (state, byte) {
        (State::Text { depth, escaped: true }, _) => State::Text { depth, escaped: false },
        (State::Text { depth, .. }, b'\\') => State::Text { depth, escaped: true },
        (State::Text { depth, .. }, b'"') => closed(depth),
        (State::Text { .. }, _) => state,
        (State::Brackets { depth }, b'"') => State::Text { depth, escaped: false },
        (State::Brackets { depth }, b'{' | b'[') => State::Brackets { depth: depth + 1 },
        (State::Brackets { depth }, b'}' | b']') => closed(depth - 1),
        (State::Brackets { .. }, _) => state,
        (State::Between | State::Bare, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n') => State::Between,
        (State::Bare, _) => State::Bare,
        (State::Between, b'"') => State::Text { depth: 0, escaped: false },
        (State::Between, b'{' | b'[') => State::Brackets { depth: 1 },
        (State::Between, _) => State::Bare,
    }
}

/// A reader that remembers the last byte that was taken out of it and is no white space.
pub(super) struct LastByte<R> {
    pub(super) reader: R,
    pub(super) last: Option<u8>,
}

impl<R: BufRead> Read for LastByte<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for LastByte<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        // What is consumed was lent by `fill_buf` just before, so that asking again costs nothing and cannot fail.
        if let Ok(available) = self.reader.fill_buf() {
            let taken = &available[..count.min(available.len())];
            let last = taken.iter().rev().find(|byte| !byte.is_ascii_whitespace());
            self.last = last.copied().or(self.last);
        }
        self.reader.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn check(json: &str, expect: &[(usize, &str)]) {
        for capacity in [1, 7, 8_192] {
            let mut reader = BufReader::with_capacity(capacity, json.as_bytes());
            let mut line = 1;
            for (start, text) in expect {
                let found = next_value(&mut reader, &mut line, 20).unwrap().unwrap();
                let piece = if text.is_empty() { Piece::TooLong } else { Piece::Whole(text.as_bytes().to_vec()) };
                assert_eq!(found, (*start, piece), "{json}");
            }
            assert_eq!(next_value(&mut reader, &mut line, 20).unwrap(), None);
        }
    }

    #[test]
    fn cuts_values_at_their_ends() {
        check("", &[]);
        check(" , ]\n", &[]);
        check(
            "{\"a\": \"}\\\"\"} ,\n[1,\n[2]] 3,null\"x\"\n]",
            &[(1, "{\"a\": \"}\\\"\"}"), (2, "[1,\n[2]]"), (3, "3"), (3, "null\"x\"")],
        );
        check("{\"a\":\n", &[(1, "{\"a\":\n")]);
        check(&format!("{{\"a\": \"{}\"}}\n{{}}", "\n".repeat(30)), &[(1, ""), (32, "{}")]);
    }

    #[test]
    fn lines_are_cut_at_the_limit() {
        let mut reader = BufReader::with_capacity(4, "12345\n123456\n\nx".as_bytes());
        let mut next = || next_line(&mut reader, 5).unwrap();
        assert_eq!(next(), Some(Piece::Whole(b"12345".to_vec())));
        assert_eq!(next(), Some(Piece::TooLong));
        assert_eq!(next(), Some(Piece::Whole(vec![])));
        assert_eq!(next(), Some(Piece::Whole(b"x".to_vec())));
        assert_eq!(next(), None);
    }
}
