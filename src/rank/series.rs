//! Is it one of several parts? Numbered series, by their field, by their titles, or by a title that posts share.

use std::collections::{BTreeMap, HashMap};

use crate::post::Post;
use crate::text::{NUMBERS, one_line};

/// A post's place among the parts of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The series' name as it is shown.
    pub name: String,
    /// Equal for posts of one series.
    pub series: usize,
    /// The number of the part.
    pub part: u32,
    /// What says so.
    pub evidence: Evidence,
}

/// What says that a post is part of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// A field of the source.
    Field,
    /// A number in the title, such as "Part 2".
    Title,
    /// Posts of one source share their title; their dates number them.
    SharedTitle,
}

/// Finds each post's place in a series of at least two posts; `None` for the others.
///
/// Posts of one series share source and name. Posts with equal titles count as a series when all their dates are known
/// and differ. Two posts with one number keep it, and no order between them.
#[must_use]
pub fn places(posts: &[Post]) -> Vec<Option<Place>> {
    let mut groups: BTreeMap<(String, String), Vec<(usize, Place)>> = BTreeMap::new();
    for (position, post) in posts.iter().enumerate() {
        if let Some((name, part, evidence)) = stated_place(post) {
            let place = Place { name, series: 0, part, evidence };
            groups.entry((post.source.clone(), fold(&place.name))).or_default().push((position, place));
        }
    }
    for ((source, title), group) in shared_titles(posts) {
        groups.entry((source, title)).or_insert(group);
    }
    let mut places = vec![None; posts.len()];
    for (series, group) in groups.into_values().filter(|group| group.len() > 1).enumerate() {
        for (position, place) in group {
            places[position] = Some(Place { series, ..place });
        }
    }
    places
}

fn stated_place(post: &Post) -> Option<(String, u32, Evidence)> {
    if let Some(series) = &post.series {
        return Some((series.name.clone(), series.part, Evidence::Field));
    }
    let (name, part) = numbered_title(&post.title)?;
    Some((name, part, Evidence::Title))
}

type Group = Vec<(usize, Place)>;

fn shared_titles(posts: &[Post]) -> BTreeMap<(String, String), Group> {
    let mut by_title: HashMap<(&str, String), Vec<usize>> = HashMap::new();
    for (position, post) in posts.iter().enumerate() {
        if stated_place(post).is_none() {
            by_title.entry((&post.source, fold(&post.title))).or_default().push(position);
        }
    }
    let mut groups = BTreeMap::new();
    for ((source, title), mut positions) in by_title {
        positions.sort_by_key(|&position| posts[position].date);
        let dates: Vec<_> = positions.iter().filter_map(|&position| posts[position].date).collect();
        let all_differ = dates.len() == positions.len() && dates.windows(2).all(|pair| pair[0].days() < pair[1].days());
        if positions.len() < 2 || !all_differ {
            continue;
        }
        let group = (1..)
            .zip(positions)
            .map(|(part, position)| {
                let name = posts[position].title.clone();
                (position, Place { name, series: 0, part, evidence: Evidence::SharedTitle })
            })
            .collect();
        groups.insert((source.to_owned(), title), group);
    }
    groups
}

fn fold(name: &str) -> String {
    one_line(name).to_lowercase()
}

/// Splits "Part 2: Name", "Name: Part II", "Name (Part two) — more", "Name (pt. 1/2)", "Part 1 of 3: Name", "Name #3" and
/// the like into the name and the number.
#[must_use]
pub fn numbered_title(title: &str) -> Option<(String, u32)> {
    let words: Vec<(usize, &str)> =
        title.split_whitespace().map(|word| (word.as_ptr() as usize - title.as_ptr() as usize, word)).collect();
    for at in 0..words.len().saturating_sub(1) {
        let [(marker_at, marker), (number_at, number)] = [words[at], words[at + 1]];
        if !matches!(bare(marker).to_lowercase().as_str(), "part" | "pt") {
            continue;
        }
        let Some(part) = parse_number(before_slash(bare(number))) else { continue };
        let (last_at, last) = of_how_many(&words[at + 2..]).unwrap_or((number_at, number));
        let end = last_at + last.len();
        let before = title[..marker_at].trim_end_matches(is_joint);
        let after = title[end..].trim_start_matches(is_joint);
        // "The part I like" numbers nothing: a Roman numeral or a word must end the title or be set off.
        let is_set_off = after.is_empty() || last.ends_with(is_joint) || !after_starts_with_word(title, end);
        if !is_set_off && before_slash(bare(number)).parse::<u32>().is_err() {
            continue;
        }
        let name = if before.is_empty() { after } else { before };
        if !name.is_empty() {
            return Some((name.to_owned(), part));
        }
    }
    issue_number(title, &words)
}

/// Splits "Name #3" and "Name #3: more", as newsletters number their issues.
fn issue_number(title: &str, words: &[(usize, &str)]) -> Option<(String, u32)> {
    let last = words.len().checked_sub(1)?;
    words.iter().enumerate().find_map(|(place, (at, word))| {
        let part = bare(word.strip_prefix('#')?).parse().ok().filter(|&number: &u32| number < 1_000)?;
        let name = title[..*at].trim_end_matches(is_joint);
        let is_set_off = place == last || word.ends_with(is_joint);
        (is_set_off && !name.is_empty()).then(|| (name.to_owned(), part))
    })
}

/// Returns the second of the words "of 3", where a title goes on with them.
fn of_how_many<'t>(words: &[(usize, &'t str)]) -> Option<(usize, &'t str)> {
    let [(_, "of"), (at, count), ..] = *words else { return None };
    parse_number(bare(count)).map(|_| (at, count))
}

/// Cuts "1/2" to "1".
fn before_slash(number: &str) -> &str {
    number.split_once('/').map_or(number, |(part, _)| part)
}

/// Tells whether a word, not a dash or bracket, comes next.
fn after_starts_with_word(title: &str, at: usize) -> bool {
    title[at..].trim_start().starts_with(char::is_alphanumeric)
}

fn is_joint(letter: char) -> bool {
    !letter.is_alphanumeric() && !matches!(letter, ')' | '"' | '\u{201d}' | '?' | '!' | '+') || letter == '('
}

fn bare(word: &str) -> &str {
    word.trim_matches(|letter: char| !letter.is_alphanumeric())
}

fn parse_number(word: &str) -> Option<u32> {
    const ROMAN: [&str; 13] = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];
    let word = word.to_lowercase();
    if word.is_empty() {
        return None;
    }
    let listed = |list: &[&str]| list.iter().position(|&entry| entry == word).and_then(|at| u32::try_from(at).ok());
    word.parse()
        .ok()
        .filter(|&number: &u32| number < 1_000)
        .or_else(|| listed(&NUMBERS[..=10]))
        .or_else(|| listed(&ROMAN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::fixture::post;
    use crate::post::{PostDate, Series};

    #[test]
    fn reads_numbers_in_titles() {
        let check = |title: &str, expect: Option<(&str, u32)>| {
            assert_eq!(numbered_title(title), expect.map(|(name, part)| (name.to_owned(), part)), "{title}");
        };
        check("Part 1: A Survey of Tools", Some(("A Survey of Tools", 1)));
        check("High-Throughput Graphs: Part II", Some(("High-Throughput Graphs", 2)));
        check("A Graph: Part 2 — Storage", Some(("A Graph", 2)));
        check("Making it searchable (Part three)", Some(("Making it searchable", 3)));
        check("Live. Part 1", Some(("Live", 1)));
        check("A part of the whole", None);
        check("Part 1", None);
        check("Party of 2", None);
        check("The hard part — testing", None);
        check("The part I like about ovens", None);
        check("Part two: ovens", Some(("ovens", 2)));
        check("Ovens, part 2 of many", Some(("Ovens", 2)));
        check("Ovens (pt. 1/2)", Some(("Ovens", 1)));
        check("Part 1/2: Ovens", Some(("Ovens", 1)));
        check("Ovens Monthly #12", Some(("Ovens Monthly", 12)));
        check("Ovens Weekly #3: rye", Some(("Ovens Weekly", 3)));
        check("#1", None);
        check("The #1 oven of all", None);
        check("Learning C#", None);
        check("Part 1 of 3: Ovens", Some(("Ovens", 1)));
        check("Ovens, part two of three", Some(("Ovens", 2)));
    }

    #[test]
    fn groups_by_field_title_and_shared_title() {
        let dated = |id: &str, title: &str, date: &str| {
            let mut post = post(id, title, id);
            post.date = PostDate::parse(date);
            post
        };
        let mut posts = vec![
            post("a", "Part 2: Survey", ""),
            post("b", "Part 1: Survey", ""),
            dated("c", "Launch", "2025-03"),
            dated("d", "Launch", "2024-12"),
            dated("e", "Same day", "2025"),
            dated("f", "Same day", "2025"),
            post("g", "Alone: Part 4", ""),
            post("h", "Streams", ""),
            post("i", "More streams", ""),
        ];
        for (index, part) in [(7, 1), (8, 2)] {
            posts[index].series = Some(Series { name: "The Streams".to_owned(), part });
        }
        let parts: Vec<Option<(u32, Evidence)>> =
            places(&posts).into_iter().map(|place| place.map(|place| (place.part, place.evidence))).collect();
        use Evidence::{Field, SharedTitle, Title};
        let expect = [
            Some((2, Title)),
            Some((1, Title)),
            Some((2, SharedTitle)),
            Some((1, SharedTitle)),
            None,
            None,
            None,
            Some((1, Field)),
            Some((2, Field)),
        ];
        assert_eq!(parts, expect);
    }
}
