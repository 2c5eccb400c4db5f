//! What is in a `.npy` file? A table of 32-bit numbers, as numpy saves it.

use crate::embeddings::Embeddings;

/// Numbers in rows.
#[derive(Debug, Clone, PartialEq)]
pub struct NpyRows {
    /// Numbers a row.
    pub dimension: usize,
    /// All rows one after the other.
    pub values: Vec<f32>,
}

/// Says why a file is no table of numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NpyError {
    /// It does not begin as such a file does.
    #[error("not a .npy file; save the vectors with numpy.save")]
    Magic,
    /// The version is none that is known.
    #[error("version {0} of .npy is not known; save the file anew with numpy.save")]
    Version(u8),
    /// The header is cut off or says nothing about this.
    #[error("the header is damaged: no {0}; save the file anew with numpy.save")]
    Header(&'static str),
    /// The numbers are of another type.
    #[error("the numbers are of the type {0}; save array.astype('<f4')")]
    Type(String),
    /// The numbers stand column by column.
    #[error("the numbers stand column by column; save numpy.ascontiguousarray(array)")]
    FortranOrder,
    /// It is no table.
    #[error("the shape is {0}; save one row a vector, two dimensions")]
    Shape(String),
    /// There are more or fewer bytes than the shape asks for.
    #[error("{found} bytes of numbers where the shape asks for {expected}; copy the file anew")]
    Length {
        /// Bytes that are there.
        found: usize,
        /// Bytes that should be.
        expected: usize,
    },
}

/// Reads the bytes of a `.npy` file, versions 1 to 3: 32-bit floating-point numbers, little-endian, row by row, two
/// dimensions.
///
/// The format is that of numpy's documentation (`numpy.lib.format`): a mark, a version, the length of a header, the
/// header as a literal of Python, and the numbers.
///
/// # Errors
/// The file is of another kind, type, order or shape, damaged, or cut off.
pub fn read_npy(bytes: &[u8]) -> Result<NpyRows, NpyError> {
    let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or(NpyError::Magic)?;
    let &[major, _minor, ref rest @ ..] = rest else { return Err(NpyError::Header("version")) };
    let (length, rest) = match (major, rest) {
        (1, &[a, b, ref rest @ ..]) => (usize::from(u16::from_le_bytes([a, b])), rest),
        (2 | 3, &[a, b, c, d, ref rest @ ..]) => (u32::from_le_bytes([a, b, c, d]) as usize, rest),
        (1..=3, _) => return Err(NpyError::Header("length")),
        (other, _) => return Err(NpyError::Version(other)),
    };
    let (header, numbers) = rest.split_at_checked(length).ok_or(NpyError::Header("end"))?;
    let header = str::from_utf8(header).map_err(|_| NpyError::Header("text"))?;
    let (rows, dimension) = shape(header)?;
    let expected = rows.checked_mul(dimension).and_then(|count| count.checked_mul(4));
    if expected != Some(numbers.len()) {
        return Err(NpyError::Length { found: numbers.len(), expected: expected.unwrap_or(usize::MAX) });
    }
    let (quadruples, _) = numbers.as_chunks::<4>();
    Ok(NpyRows { dimension, values: quadruples.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect() })
}

/// Rows that are written at once.
const BLOCK_ROWS: usize = 1024;
/// The numbers of a file start at a multiple of this.
const ALIGNMENT: usize = 64;

/// Returns the bytes of a `.npy` file with the rows of `embeddings`, block by block: version 1, 32-bit floating-point
/// numbers, little-endian, row by row.
pub fn npy_blocks(embeddings: &Embeddings) -> impl Iterator<Item = Vec<u8>> {
    let (rows, dimension) = (embeddings.len(), embeddings.dimension());
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {dimension}), }}");
    // Mark, version and length take ten bytes; a line end closes the header.
    let padding = ALIGNMENT - (10 + header.len() + 1) % ALIGNMENT;
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    let mut start = b"\x93NUMPY\x01\0".to_vec();
    start.extend((header.len() as u16).to_le_bytes());
    start.extend(header.as_bytes());
    let block = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect();
    std::iter::once(start).chain(embeddings.as_slice().chunks(BLOCK_ROWS * dimension).map(block))
}

/// Reads rows and columns out of a header such as `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
fn shape(header: &str) -> Result<(usize, usize), NpyError> {
    let kind = field(header, "descr").ok_or(NpyError::Header("descr"))?;
    let kind = kind.split([',', '}']).next().unwrap_or(kind).trim();
    if kind.trim_matches(['\'', '"']) != "<f4" {
        return Err(NpyError::Type(kind.to_owned()));
    }
    let order = field(header, "fortran_order").ok_or(NpyError::Header("fortran_order"))?;
    if order.starts_with("True") {
        return Err(NpyError::FortranOrder);
    }
    if !order.starts_with("False") {
        return Err(NpyError::Header("fortran_order"));
    }
    let shape = field(header, "shape").and_then(|shape| Some(shape.strip_prefix('(')?.split_once(')')?.0));
    let shape = shape.ok_or(NpyError::Header("shape"))?;
    let lengths: Option<Vec<usize>> =
        shape.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect();
    match lengths.as_deref() {
        Some(&[rows, columns]) if columns > 0 => Ok((rows, columns)),
        _ => Err(NpyError::Shape(format!("({shape})"))),
    }
}

fn field<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let after = ['\'', '"'].iter().find_map(|quote| header.split_once(&format!("{quote}{name}{quote}")))?.1;
    Some(after.trim_start().strip_prefix(':')?.trim_start())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(version: u8, header: &str, numbers: &[f32]) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0]);
        if version == 1 {
            bytes.extend((header.len() as u16).to_le_bytes());
        } else {
            bytes.extend((header.len() as u32).to_le_bytes());
        }
        bytes.extend(header.as_bytes());
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes
    }

    const HEADER: &str = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }            \n";
    const NUMBERS: [f32; 6] = [1.0, -2.0, 3.5, 0.0, 1e-9, 6.0];

    #[test]
    fn reads_what_numpy_saves() {
        let expect = NpyRows { dimension: 3, values: NUMBERS.to_vec() };
        for version in 1..=3 {
            assert_eq!(read_npy(&file(version, HEADER, &NUMBERS)), Ok(expect.clone()));
        }
        let none = HEADER.replace("(2, 3)", "(0, 3)");
        assert_eq!(read_npy(&file(1, &none, &[])), Ok(NpyRows { dimension: 3, values: vec![] }));
    }

    fn check(from: &str, to: &str, expect: &str) {
        let error = read_npy(&file(1, &HEADER.replace(from, to), &NUMBERS)).unwrap_err().to_string();
        assert!(error.starts_with(expect), "{error}");
    }

    #[test]
    fn says_what_is_wrong() {
        check("<f4", "<f8", "the numbers are of the type '<f8'; save array.astype('<f4')");
        check("'<f4'", "[('x', '<f4')]", "the numbers are of the type [('x'");
        check("False", "True", "the numbers stand column by column");
        check("False", "0", "the header is damaged: no fortran_order");
        check("(2, 3)", "(6,)", "the shape is (6,); save one row a vector");
        check("(2, 3)", "(2, 0)", "the shape is (2, 0)");
        check("(2, 3)", "(2, -3)", "the shape is (2, -3)");
        check("(2, 3)", "(2, 4)", "24 bytes of numbers where the shape asks for 32");
        check("(2, 3)", "(18446744073709551615, 9)", "24 bytes of numbers where the shape asks for");
        check("'shape'", "'form'", "the header is damaged: no shape");
        check("descr", "d", "the header is damaged: no descr");
        assert_eq!(read_npy(b"{\"a\": 1}"), Err(NpyError::Magic));
        assert_eq!(read_npy(&file(9, HEADER, &NUMBERS)), Err(NpyError::Version(9)));
    }

    #[test]
    fn what_is_written_is_read() {
        for rows in [0, 1, 5, BLOCK_ROWS + 3] {
            let values = (0..rows * 7).map(|number| (number as f32).sin() + 2.0).collect();
            let embeddings = Embeddings::from_rows(7, values).unwrap();
            let bytes = npy_blocks(&embeddings).collect::<Vec<_>>().concat();
            let numbers = rows * 7 * size_of::<f32>();
            assert_eq!((bytes.len() - numbers) % ALIGNMENT, 0);
            assert_eq!(read_npy(&bytes), Ok(NpyRows { dimension: 7, values: embeddings.as_slice().to_vec() }));
        }
    }

    proptest! {
        #[test]
        fn damage_gives_an_error_or_other_numbers_and_no_panic(at in 0usize..100, byte: u8, length in 0usize..110) {
            let mut bytes = file(1, HEADER, &NUMBERS);
            let cut = length.min(bytes.len());
            prop_assert!(cut == bytes.len() || read_npy(&bytes[..cut]).is_err());
            let place = at % bytes.len();
            bytes[place] = byte;
            let _ = read_npy(&bytes);
        }
    }
}
