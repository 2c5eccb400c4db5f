//! Is a reading order good? Known orders and prerequisites, and how near an order comes to them.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::measures::{Prerequisites, kendall, prerequisites};
use crate::embeddings::Embeddings;
use crate::similarity::dot;

/// What is known of the order in which posts should be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Whole orders.
    Orders(Vec<KnownOrder>),
    /// Pairs of ids, of which the first has to be read before the second. Only those that are stated: what follows from
    /// two of them is not added.
    Prerequisites(Vec<(String, String)>),
}

/// One order, from beginning to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownOrder {
    /// Its name; empty where a file holds only one.
    pub name: String,
    /// Ids as the file has them, each once.
    pub ids: Vec<String>,
}

/// Says why a text is no known order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {fault}")]
pub struct KnownError {
    /// The name of the text, as the caller gave it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub fault: KnownFault,
}

/// What is wrong with a line of a known order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KnownFault {
    /// There is nothing to read.
    #[error("nothing is in it; write one id a line, from the first to read to the last")]
    Empty,
    /// Not JSON.
    #[error("not a JSON object; write one object a line, as in {{\"position\": 1, \"id\": \"a\"}}")]
    NotAnObject,
    /// An object that says nothing of an order.
    #[error(
        "neither position and id nor a list called order; write {{\"position\": 1, \"id\": \"a\"}} or {{\"path\": \"name\", \"order\": [\"a\", \"b\"]}}"
    )]
    NoOrder,
    /// A table without a column of ids.
    #[error("no column is called item or id; name the columns in the first line, as in item and needs_first")]
    NoColumn,
    /// A row that is shorter than the table's head.
    #[error("fewer columns than the first line has; write all of them")]
    Short,
    /// A position that is no number.
    #[error("position \"{0}\" is no number; number the posts from 1")]
    Position(String),
}

/// Reads a known order: ids a line; JSON lines of `{position, id}` or `{path, order: […]}`; a table with tabs and a head
/// that names `item` and `needs_first` (prerequisites) or `id` and perhaps `position`. Of an id that is there twice the
/// first place counts.
///
/// # Errors
/// The line, and what is wrong there.
pub fn parse_known(text: &str, file: &str) -> Result<Known, KnownError> {
    let error = |(line, fault)| KnownError { file: file.to_owned(), line, fault };
    let text = text.trim_start_matches('\u{feff}');
    let lines: Vec<(usize, &str)> = (1..)
        .zip(text.lines())
        .map(|(number, line)| (number, line.trim_end()))
        .filter(|(_, line)| !line.trim().is_empty())
        .collect();
    let Some((_, first)) = lines.first() else { return Err(error((1, KnownFault::Empty))) };
    if first.trim_start().starts_with('{') {
        json_lines(&lines).map_err(error)
    } else if first.contains('\t') {
        table(&lines).map_err(error)
    } else {
        Ok(Known::Orders(vec![order(String::new(), lines.iter().map(|(_, line)| line.trim().to_owned()))]))
    }
}

type Fault = (usize, KnownFault);

fn order(name: String, ids: impl IntoIterator<Item = String>) -> KnownOrder {
    let mut seen = HashSet::new();
    KnownOrder { name, ids: ids.into_iter().filter(|id| !id.is_empty() && seen.insert(id.clone())).collect() }
}

fn json_lines(lines: &[(usize, &str)]) -> Result<Known, Fault> {
    let mut orders = Vec::new();
    let mut placed: Vec<(f64, String)> = Vec::new();
    for &(number, line) in lines {
        let Ok(Value::Object(object)) = serde_json::from_str(line) else {
            return Err((number, KnownFault::NotAnObject));
        };
        let text = |name: &str| object.get(name).and_then(|value| value.as_str().map(str::to_owned));
        if let Some(Value::Array(ids)) = object.get("order") {
            let name = text("path").or_else(|| text("name")).unwrap_or_else(|| format!("path {}", orders.len() + 1));
            orders.push(order(name, ids.iter().filter_map(|id| id.as_str().map(str::to_owned))));
        } else {
            let position = object.get("position").and_then(Value::as_f64);
            let (Some(position), Some(id)) = (position, text("id").or_else(|| text("_id"))) else {
                return Err((number, KnownFault::NoOrder));
            };
            placed.push((position, id));
        }
    }
    if !placed.is_empty() {
        orders.push(by_position(placed));
    }
    Ok(Known::Orders(orders))
}

fn by_position(mut placed: Vec<(f64, String)>) -> KnownOrder {
    placed.sort_by(|a, b| a.0.total_cmp(&b.0));
    order(String::new(), placed.into_iter().map(|(_, id)| id))
}

fn table(lines: &[(usize, &str)]) -> Result<Known, Fault> {
    let Some((&(head_line, head), rows)) = lines.split_first() else { return Err((1, KnownFault::Empty)) };
    let column =
        |names: &[&str]| head.split('\t').position(|name| names.contains(&name.trim().to_lowercase().as_str()));
    let Some(item) = column(&["item", "id", "_id", "post"]) else { return Err((head_line, KnownFault::NoColumn)) };
    let cell = |row: &(usize, &str), column: usize| {
        let cell = row.1.split('\t').nth(column).map(|cell| cell.trim().to_owned());
        cell.ok_or((row.0, KnownFault::Short))
    };
    if let Some(needs) = column(&["needs_first", "needs", "prerequisite"]) {
        let mut pairs =
            rows.iter().map(|row| Ok((cell(row, needs)?, cell(row, item)?))).collect::<Result<Vec<_>, Fault>>()?;
        let mut seen = HashSet::new();
        pairs.retain(|pair| seen.insert(pair.clone()));
        return Ok(Known::Prerequisites(pairs));
    }
    let Some(position) = column(&["position"]) else {
        let ids = rows.iter().map(|row| cell(row, item)).collect::<Result<Vec<_>, Fault>>()?;
        return Ok(Known::Orders(vec![order(String::new(), ids)]));
    };
    let placed = rows.iter().map(|row| {
        let text = cell(row, position)?;
        let number = text.parse().map_err(|_| (row.0, KnownFault::Position(text.clone())))?;
        Ok((number, cell(row, item)?))
    });
    Ok(Known::Orders(vec![by_position(placed.collect::<Result<Vec<_>, Fault>>()?)]))
}

/// Returns Kendall's τ-b of `order` against the known one over the posts that both have, −1 to 1; `None` for fewer than
/// two.
#[must_use]
pub fn order_tau(order: &[usize], known: &[usize]) -> Option<f64> {
    let places: HashMap<usize, usize> = order.iter().enumerate().map(|(place, &post)| (post, place)).collect();
    let (ours, theirs): (Vec<f64>, Vec<f64>) =
        known.iter().enumerate().filter_map(|(place, post)| Some((*places.get(post)? as f64, place as f64))).unzip();
    kendall(&ours, &theirs)
}

/// Counts the pairs of a known order, or stated ones, that stand right in `order`.
#[must_use]
pub fn pairs_in_order(order: &[usize], pairs: &[(usize, usize)]) -> Prerequisites {
    prerequisites(order, pairs)
}

/// Returns every pair of an order, what is first in it first.
#[must_use]
pub fn pairs_of(known: &[usize]) -> Vec<(usize, usize)> {
    let pairs =
        |(at, &first): (usize, &usize)| known[at + 1..].iter().map(move |&then| (first, then)).collect::<Vec<_>>();
    known.iter().enumerate().flat_map(pairs).collect()
}

/// Orders posts by nearness alone: from the one that is nearest to all, each time on to the nearest that is left.
///
/// # Panics
/// A position is not below the number of rows.
#[must_use]
pub fn similarity_chain(posts: &[usize], embeddings: &Embeddings) -> Vec<usize> {
    let mut open = posts.to_vec();
    open.sort_unstable();
    let similarity = |a: usize, b: usize| dot(embeddings.row(a), embeddings.row(b));
    let to_all: Vec<f32> = open.iter().map(|&a| open.iter().map(|&b| similarity(a, b)).sum()).collect();
    let mut chain: Vec<usize> = Vec::with_capacity(open.len());
    while !open.is_empty() {
        let value = |at: usize| chain.last().map_or_else(|| to_all[at], |&last| similarity(last, open[at]));
        let best = (1..open.len()).fold(0, |best, at| if value(at) > value(best) { at } else { best });
        chain.push(open.remove(best));
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&[&str]]) {
        let Known::Orders(orders) = parse_known(text, "f").unwrap() else { panic!("{text}") };
        let ids: Vec<Vec<&str>> = orders.iter().map(|order| order.ids.iter().map(String::as_str).collect()).collect();
        assert_eq!(ids, expect, "{text}");
    }

    fn check_fault(text: &str, expect: &str) {
        let error = parse_known(text, "f").unwrap_err().to_string();
        assert!(error.starts_with(expect), "{error}");
    }

    #[test]
    fn orders_come_in_many_forms() {
        check("\u{feff}b\r\n\r\n a \nb\n", &[&["b", "a"]]);
        check(
            "{\"position\": 2, \"id\": \"a\"}\n{\"position\": 1, \"id\": \"b\", \"section\": \"s\"}\n",
            &[&["b", "a"]],
        );
        check("{\"path\": \"p\", \"order\": [\"b\", \"a\"]}\n{\"order\": [\"c\"]}", &[&["b", "a"], &["c"]]);
        check("position\tid\n10\ta\n9\tb\n", &[&["b", "a"]]);
        check("id\ttitle\nb\tB\na\tA\n", &[&["b", "a"]]);
        let pairs = vec![("a".to_owned(), "b".to_owned()), ("a".to_owned(), "c".to_owned())];
        let text = "item\tneeds_first\texercise\nb\ta\tx\nc\ta\ty\nb\ta\tz\n";
        assert_eq!(parse_known(text, "f").unwrap(), Known::Prerequisites(pairs));
    }

    #[test]
    fn faults_name_their_line() {
        check_fault("\n", "f:1: nothing is in it");
        check_fault("{\"position\": 1, \"id\": \"a\"}\n{\"position\": 2", "f:2: not a JSON object");
        check_fault("{\"id\": \"a\"}", "f:1: neither position and id nor a list called order");
        check_fault("a\tb\n", "f:1: no column is called item or id");
        check_fault("item\tneeds_first\nb\n", "f:2: fewer columns");
        check_fault("id\tposition\nb\tx\n", "f:2: position \"x\" is no number");
    }

    #[test]
    fn an_order_is_measured_by_its_pairs() {
        assert_eq!(order_tau(&[0, 1, 2], &[0, 1, 2]), Some(1.0));
        assert_eq!(order_tau(&[2, 9, 1, 0], &[0, 1, 2]), Some(-1.0));
        assert_eq!(order_tau(&[2], &[0, 1, 2]), None);
        assert_eq!(pairs_of(&[2, 0, 1]), [(2, 0), (2, 1), (0, 1)]);
        assert_eq!(pairs_in_order(&[0, 2, 1], &pairs_of(&[0, 1, 2])).accuracy(), Some(2.0 / 3.0));
    }

    #[test]
    fn a_chain_goes_on_to_what_is_nearest() {
        let angles = [0.0f32, 40.0, 10.0, 80.0].map(f32::to_radians);
        let rows = angles.iter().flat_map(|angle| [angle.cos(), angle.sin()]).collect();
        let embeddings = Embeddings::from_rows(2, rows).unwrap();
        assert_eq!(similarity_chain(&[3, 2, 1, 0], &embeddings), [1, 2, 0, 3]);
        assert_eq!(similarity_chain(&[], &embeddings), [0; 0]);
    }
}
