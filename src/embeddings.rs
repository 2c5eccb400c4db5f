//! Where do the vectors live? Row-major unit vectors in one allocation, and the space that they belong to.

use ndarray::ArrayView2;

/// Unit vectors, `n_posts × dimension`, row-major, in the order of the texts or posts that they stand for.
///
/// Every row has Euclidean norm 1 by construction, so cosine similarity is the inner product.
#[derive(Debug, Clone, PartialEq)]
pub struct Embeddings {
    dimension: usize,
    values: Vec<f32>,
}

/// Says why numbers cannot be unit vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmbeddingsError {
    /// The count of values is no multiple of the dimension, or the dimension is 0.
    #[error("{values} values do not make rows of {dimension}")]
    Shape {
        /// How many numbers there are.
        values: usize,
        /// How many a row should have.
        dimension: usize,
    },
    /// A row holds NaN or an infinity.
    #[error("row {row} holds a value that is not finite")]
    NotFinite {
        /// The row, from 0.
        row: usize,
    },
    /// A row is all zero (or so small that it has no direction).
    #[error("row {row} is zero and has no direction")]
    Zero {
        /// The row, from 0.
        row: usize,
    },
}

impl Embeddings {
    /// Scales each row of `values` (`n × dimension`, row-major) to norm 1.
    ///
    /// # Errors
    /// A shape that does not fit, a value that is not finite, a row without direction.
    pub fn from_rows(dimension: usize, mut values: Vec<f32>) -> Result<Embeddings, EmbeddingsError> {
        if dimension == 0 || !values.len().is_multiple_of(dimension) {
            return Err(EmbeddingsError::Shape { values: values.len(), dimension });
        }
        for (row, vector) in values.chunks_exact_mut(dimension).enumerate() {
            normalize(vector).map_err(|fault| match fault {
                Fault::NotFinite => EmbeddingsError::NotFinite { row },
                Fault::Zero => EmbeddingsError::Zero { row },
            })?;
        }
        Ok(Embeddings { dimension, values })
    }

    /// Copies the rows of `array` (`n × dimension`) and scales each to norm 1.
    ///
    /// # Errors
    /// As [`Embeddings::from_rows`].
    pub fn from_array(array: &ArrayView2<'_, f32>) -> Result<Embeddings, EmbeddingsError> {
        Embeddings::from_rows(array.ncols(), array.iter().copied().collect())
    }

    /// Returns how many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len() / self.dimension
    }

    /// Tells whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Returns the length of a row.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Returns one unit vector.
    ///
    /// # Panics
    /// `row` is not below [`Embeddings::len`].
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.dimension..(row + 1) * self.dimension]
    }

    /// Returns all rows one after the other.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.values
    }

    /// Lends the rows as an `n × dimension` array.
    #[must_use]
    pub fn view(&self) -> ArrayView2<'_, f32> {
        ArrayView2::from_shape((self.len(), self.dimension), &self.values).expect("whole rows by construction")
    }
}

enum Fault {
    NotFinite,
    Zero,
}

fn normalize(vector: &mut [f32]) -> Result<(), Fault> {
    if vector.iter().any(|value| !value.is_finite()) {
        return Err(Fault::NotFinite);
    }
    let norm = vector.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>().sqrt();
    if norm < 1e-30 {
        return Err(Fault::Zero);
    }
    // A vector that is unit already stays as it is, bit for bit, so that storing and loading change nothing.
    if (norm - 1.0).abs() > 1e-6 {
        for value in vector {
            *value = (f64::from(*value) / norm) as f32;
        }
    }
    Ok(())
}

/// What happens to a text with more word pieces than the model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LongTexts {
    /// Cut into windows at sentence ends; the windows' vectors are averaged by their token counts.
    #[default]
    Windows,
    /// Everything after the model's limit is dropped.
    Truncate,
}

impl LongTexts {
    /// Returns the word under which the choice is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            LongTexts::Windows => "windows",
            LongTexts::Truncate => "truncate",
        }
    }
}

/// How near the vectors come to those of the model in floats of 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// Floats of 32 bits.
    Exact,
    /// About 13 bits, in 16-bit integers: a cosine of 0.9995 or more to the exact vector.
    #[default]
    Balanced,
    /// 8-bit integers: a cosine of 0.995 or more to the exact vector.
    Fast,
}

impl Precision {
    /// Every precision, the most precise first.
    pub const ALL: [Precision; 3] = [Precision::Exact, Precision::Balanced, Precision::Fast];

    /// Returns the word under which the choice is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Precision::Exact => "exact",
            Precision::Balanced => "balanced",
            Precision::Fast => "fast",
        }
    }

    /// Reads back what [`Precision::as_str`] wrote.
    #[must_use]
    pub fn parse(word: &str) -> Option<Precision> {
        Precision::ALL.into_iter().find(|precision| precision.as_str() == word)
    }
}

/// Which vectors may be compared with each other: everything that decides what a text's vector is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    /// The model's name, such as `all-MiniLM-L6-v2`.
    pub model: String,
    /// The model's revision; empty for a folder of unknown origin.
    pub revision: String,
    /// SHA-256 of the weights, lower-case hexadecimal.
    pub sha256: String,
    /// The length of a vector.
    pub dimension: usize,
    /// How token vectors become one (`mean`, `cls`, `max`).
    pub pooling: String,
    /// What happens to long texts.
    pub long_texts: LongTexts,
    /// How near they come to those of the model in floats.
    pub precision: Precision,
}

impl Space {
    /// Returns a text that differs between any two spaces whose vectors must not be mixed.
    #[must_use]
    pub fn key(&self) -> String {
        let key = format!(
            "{}@{} sha256:{} dimension:{} pooling:{} long-texts:{}",
            self.model,
            self.revision,
            self.sha256,
            self.dimension,
            self.pooling,
            self.long_texts.as_str()
        );
        match self.precision {
            // As it was before there were others: what is stored stays known.
            Precision::Exact => key,
            precision => format!("{key} precision:{}", precision.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn norm(vector: &[f32]) -> f32 {
        vector.iter().map(|value| value * value).sum::<f32>().sqrt()
    }

    #[test]
    fn rows_have_norm_one_and_reloading_changes_no_bit() {
        let embeddings = Embeddings::from_rows(3, vec![3.0, 0.0, 4.0, 1e-20, 0.0, 0.0, 1e20, -1e20, 1e20]).unwrap();
        assert_eq!(embeddings.len(), 3);
        for row in 0..3 {
            assert!((norm(embeddings.row(row)) - 1.0).abs() < 1e-6);
        }
        assert_eq!(Embeddings::from_rows(3, embeddings.as_slice().to_vec()).unwrap(), embeddings);
        assert_eq!(Embeddings::from_array(&embeddings.view()).unwrap(), embeddings);
        assert_eq!(embeddings.view().dim(), (3, 3));
    }

    #[test]
    fn refuses_what_has_no_direction() {
        assert_eq!(Embeddings::from_rows(2, vec![1.0; 3]), Err(EmbeddingsError::Shape { values: 3, dimension: 2 }));
        assert_eq!(Embeddings::from_rows(0, vec![]), Err(EmbeddingsError::Shape { values: 0, dimension: 0 }));
        assert_eq!(Embeddings::from_rows(2, vec![1.0, 0.0, f32::NAN, 0.0]), Err(EmbeddingsError::NotFinite { row: 1 }));
        assert_eq!(Embeddings::from_rows(2, vec![0.0; 2]), Err(EmbeddingsError::Zero { row: 0 }));
    }
}
