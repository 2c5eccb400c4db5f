//! One post's words with those of many others at once, without walking both for every pair.

use super::hybrid::{Common, PostWords, ScoreParts, WordIndex, nearness, share_of, weight_of};

/// Posts whose words lie side by side: one post is compared with so many at once.
pub const WORD_COLUMNS: usize = 32;

type Row = [f32; WORD_COLUMNS];

/// The words of up to [`WORD_COLUMNS`] posts, the questions, side by side: a row of weights for every term that one of
/// them has.
#[derive(Debug, Clone)]
pub struct WordColumns<'a> {
    asked: Vec<&'a PostWords>,
    /// By a term's number, its row and one more; 0 for terms that none of the posts has.
    places: Vec<u32>,
    weights: Vec<Row>,
    /// The first rows are of words of titles; what these weigh there.
    titles: Vec<Row>,
    vectors_shares: Row,
    title_weights: Row,
}

impl<'a> WordColumns<'a> {
    /// Makes posts of `index` the columns, in this order.
    ///
    /// # Panics
    /// There are more than [`WORD_COLUMNS`].
    #[must_use]
    pub fn new(index: &WordIndex, asked: Vec<&'a PostWords>) -> WordColumns<'a> {
        assert!(asked.len() <= WORD_COLUMNS, "at most {WORD_COLUMNS} posts side by side");
        let mut columns = WordColumns {
            places: vec![0; index.terms()],
            weights: Vec::new(),
            titles: Vec::new(),
            vectors_shares: [0.0; WORD_COLUMNS],
            title_weights: [0.0; WORD_COLUMNS],
            asked,
        };
        columns.fill();
        columns
    }

    fn fill(&mut self) {
        for (column, post) in self.asked.iter().enumerate() {
            self.vectors_shares[column] = post.vectors_share();
            self.title_weights[column] = weight_of(&post.title);
            for &(number, weight) in &post.title {
                let Some(number) = number else { continue };
                let row = row_of(&mut self.places, &mut self.weights, number);
                self.titles.resize(self.weights.len(), [0.0; WORD_COLUMNS]);
                self.titles[row][column] = weight;
            }
        }
        for (column, post) in self.asked.iter().enumerate() {
            for &(number, weight) in &post.weights {
                let row = row_of(&mut self.places, &mut self.weights, number);
                self.weights[row][column] = weight;
            }
        }
    }

    /// Returns the parts of the score of `post` for each column, `cosines` being those of the vectors: the bits of
    /// [`super::hybrid::Comparison::parts`], because a term that a column lacks adds zero. What lies behind the last column is 0.
    ///
    /// # Panics
    /// There are not as many cosines as columns.
    #[must_use]
    pub fn parts(&self, post: &PostWords, cosines: &[f32]) -> [ScoreParts; WORD_COLUMNS] {
        assert_eq!(cosines.len(), self.asked.len(), "a cosine for each column");
        let (mut words, mut asked_titles, mut titles) = ([0.0; WORD_COLUMNS], [0.0; WORD_COLUMNS], [0.0; WORD_COLUMNS]);
        for &(number, weight) in &post.weights {
            let Some(row) = self.row(number) else { continue };
            let theirs = &self.weights[row];
            for column in 0..WORD_COLUMNS {
                words[column] += weight * theirs[column];
            }
            if let Some(title) = self.titles.get(row) {
                for column in 0..WORD_COLUMNS {
                    asked_titles[column] += title[column];
                }
            }
        }
        for &(number, weight) in &post.title {
            let Some(row) = number.and_then(|number| self.row(number)) else { continue };
            let theirs = &self.weights[row];
            for column in 0..WORD_COLUMNS {
                titles[column] += if theirs[column] > 0.0 { weight } else { 0.0 };
            }
        }
        let title_weight = weight_of(&post.title);
        let mut all = [ScoreParts::default(); WORD_COLUMNS];
        for (column, asked) in self.asked.iter().enumerate() {
            let theirs = share_of(titles[column], title_weight);
            let title = 0.5 * (theirs + share_of(asked_titles[column], self.title_weights[column]));
            all[column] = Common {
                vectors_share: self.vectors_shares[column],
                cosine: cosines[column],
                words_cosine: words[column],
                title: if asked.is_text { theirs } else { title },
                nearness: nearness(asked.date, post.date),
            }
            .parts();
        }
        all
    }

    fn row(&self, number: u32) -> Option<usize> {
        (self.places[number as usize] as usize).checked_sub(1)
    }
}

fn row_of(places: &mut [u32], weights: &mut Vec<Row>, number: u32) -> usize {
    let place = &mut places[number as usize];
    if *place == 0 {
        weights.push([0.0; WORD_COLUMNS]);
        *place = weights.len() as u32;
    }
    *place as usize - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{TermCounter, Terms};
    use crate::post::fixture::post;
    use crate::post::{Post, PostDate};

    #[test]
    fn columns_give_the_bits_of_one_comparison_each() {
        let mut posts: Vec<Post> = (0..40)
            .map(|at| {
                let words = |step: usize| {
                    (0..9).map(|word| format!("w{} ", (at * step + word * word) % 23)).collect::<String>()
                };
                let mut post = post(&format!("p{at}"), words(3).trim(), &words(5));
                post.date = (at % 3 > 0).then(|| PostDate::parse(&format!("2026-01-{:02}", at % 28 + 1)).unwrap());
                post
            })
            .collect();
        posts[7].title = String::new();
        let terms: Vec<Terms> = posts.iter().map(|post| TermCounter::default().of_post(post)).collect();
        let index = WordIndex::new(&posts, &terms);
        let text = index.text("w3 w5 nowhere");
        for count in [0, 1, 31, 32] {
            let mut asked: Vec<&PostWords> = (0..count).map(|at| index.post((at * 7) % 40)).collect();
            if let Some(last) = asked.last_mut() {
                *last = &text;
            }
            let columns = WordColumns::new(&index, asked.clone());
            let cosines: Vec<f32> = (0..count).map(|at| (at as f32 / 16.0) - 1.0).collect();
            for at in 0..posts.len() {
                let found = columns.parts(index.post(at), &cosines);
                for (column, asked) in asked.iter().enumerate() {
                    let expect = index.ask(asked).parts(at, cosines[column]);
                    let bits = |parts: ScoreParts| {
                        [parts.vectors, parts.words, parts.title, parts.date, parts.links].map(f32::to_bits)
                    };
                    assert_eq!(bits(found[column]), bits(expect), "post {at}, column {column} of {count}");
                }
                assert!(found[count..].iter().all(|parts| *parts == ScoreParts::default()));
            }
        }
    }
}
