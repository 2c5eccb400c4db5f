//! What did readers go on to read? Known reading histories and what followed them.

use serde::Deserialize;

/// A reading history and what its reader went on to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownHistory {
    /// Ids or addresses, oldest first.
    pub read: Vec<String>,
    /// What followed, one list an interest.
    pub interests: Vec<Vec<String>>,
}

/// Says which line is no history.
#[derive(Debug, thiserror::Error)]
#[error(
    "{file}:{line}: {fault}; write {{\"read\": [\"a\", …], \"next\": [\"b\", …]}}, or a list of lists, one an interest, for next"
)]
pub struct HistoriesError {
    /// The file's name.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub fault: serde_json::Error,
}

#[derive(Deserialize)]
struct Record {
    read: Vec<String>,
    next: Next,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "next is neither a list of ids nor a list of such lists")]
enum Next {
    One(Vec<String>),
    Several(Vec<Vec<String>>),
}

/// Reads JSON lines of histories, `file` being their name.
///
/// # Errors
/// A line is no such record.
pub fn parse_histories(text: &str, file: &str) -> Result<Vec<KnownHistory>, HistoriesError> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(line, record)| {
            let record: Record =
                serde_json::from_str(record).map_err(|fault| HistoriesError { file: file.to_owned(), line, fault })?;
            let interests = match record.next {
                Next::One(ids) => vec![ids],
                Next::Several(interests) => interests,
            };
            Ok(KnownHistory { read: record.read, interests })
        })
        .collect()
}

/// Returns the share of the interests of which one post is among the first `depth` answers, 0 to 1; `None` where no interest
/// has a post.
#[must_use]
pub fn interests_met(answers: &[usize], interests: &[Vec<usize>], depth: usize) -> Option<f64> {
    let shown = &answers[..answers.len().min(depth)];
    let wanted = interests.iter().filter(|interest| !interest.is_empty());
    let met = wanted.clone().filter(|interest| interest.iter().any(|post| shown.contains(post))).count();
    let count = wanted.count();
    (count > 0).then(|| met as f64 / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_interest_or_several() {
        let text = "{\"read\": [\"a\"], \"next\": [\"b\"]}\n\n{\"read\": [], \"next\": [[\"c\"], [\"d\", \"e\"]]}\n";
        let found = parse_histories(text, "h").unwrap();
        assert_eq!(found[0].interests, [["b"]]);
        assert_eq!(found[1].interests, [vec!["c"], vec!["d", "e"]]);
        let fault = parse_histories("{\"read\": [\"a\"], \"next\": [\"b\"]}\n{\"read\": [\"a\"], \"next\": 1}", "h")
            .unwrap_err();
        assert!(fault.to_string().starts_with("h:2: next is neither a list of ids"), "{fault}");
    }

    #[test]
    fn an_interest_is_met_by_one_of_its_posts_near_the_top() {
        let check = |interests: &[Vec<usize>], expect| assert_eq!(interests_met(&[4, 2, 7], interests, 2), expect);
        check(&[vec![2], vec![7]], Some(0.5));
        check(&[vec![7, 4], vec![2]], Some(1.0));
        check(&[vec![], vec![9]], Some(0.0));
        check(&[vec![]], None);
    }
}
