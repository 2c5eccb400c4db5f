//! As columns for a reader: rank, score, and the post with its reasons, wrapped to the width of the terminal.

use comfy_table::{ContentArrangement, Table, presets};

use super::explained::ExplanationView;
use super::view::{Asked, Item, List, Parts};
use super::words::{reason_lines, where_words};

/// Writes a list as columns that fit `columns` characters; empty for an empty list.
#[must_use]
pub fn table(list: &List, columns: u16) -> String {
    let rows_of_list = list.posts.iter().map(|item| [format!("{:>2}", item.rank), score(item, 2), cell(item)]);
    rows(rows_of_list, columns)
}

/// Writes rows as borderless columns that fit `columns` characters, without white space at line ends.
#[must_use]
pub fn rows<R: IntoIterator<Item = String>>(cells: impl IntoIterator<Item = R>, columns: u16) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(columns);
    for row in cells {
        table.add_row(row);
    }
    if table.is_empty() {
        return String::new();
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// Writes an explanation as columns that fit `columns` characters.
#[must_use]
pub fn explanation_table(explained: &ExplanationView, columns: u16) -> String {
    let post = &explained.post;
    let row = |name: &str, value: String| [name.to_owned(), value];
    let query = match &explained.asked {
        Asked::Post { id, title } => format!("{title}\n{id}"),
        other => format!("{other:?}"),
    };
    let cells = [
        row("for", query),
        row("post", format!("{}\n{}", post.title, where_words(post))),
        row("score", score_words(explained)),
        row("why", reasons(post).join("\n")),
        row("so", explained.verdict_words.clone()),
    ];
    rows(cells, columns)
}

fn score_words(explained: &ExplanationView) -> String {
    let post = &explained.post;
    let parts = post.parts.map_or_else(String::new, |parts| {
        let Parts { vectors, words, title, date, links } = parts;
        let links = if links > 0.0 { format!(" + {links:.4} by a link") } else { String::new() };
        format!(" = {vectors:.4} by vectors + {words:.4} by words + {title:.4} by titles + {date:.4} by dates{links}")
    });
    let closer =
        post.closer_than.map_or_else(String::new, |share| format!("; closer than {:.1} % of pairs", 100.0 * share));
    format!("{}{parts}; place {} of {}{closer}", score(post, 4), post.rank, explained.of)
}

/// Writes the score, or a dash where none is claimed.
fn score(item: &Item, decimals: usize) -> String {
    item.score.map_or_else(|| "   \u{2013}".to_owned(), |score| format!("{score:.decimals$}"))
}

fn reasons(item: &Item) -> Vec<String> {
    reason_lines(item).into_iter().map(|line| format!("\u{2022} {line}")).collect()
}

fn cell(item: &Item) -> String {
    let mut lines = vec![item.title.clone(), where_words(item)];
    lines.extend(reasons(item));
    lines.join("\n")
}
