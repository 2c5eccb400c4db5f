//! What every page shares: the head, tables that scroll in their own box, figures.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::style::STYLE;

/// Writes a whole page.
pub(super) fn page(title: &str, body: &Markup) -> String {
    let whole = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(concat!("nextread ", env!("CARGO_PKG_VERSION")));
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (body)
                footer { p { "Written by nextread " (env!("CARGO_PKG_VERSION")) "." } }
            }
        }
    };
    whole.into_string() + "\n"
}

/// A cell of a table.
#[derive(Clone)]
pub(super) struct Cell {
    pub(super) text: String,
    /// Empty, or the class of the style sheet.
    pub(super) class: &'static str,
    /// Columns it takes.
    pub(super) columns: usize,
}

impl Cell {
    /// A cell of one column.
    pub(super) fn new(text: impl Into<String>, class: &'static str) -> Cell {
        Cell { text: text.into(), class, columns: 1 }
    }
}

/// A table: what it shows, the names of its columns, and rows that begin with their name.
pub(super) fn table(caption: &str, head: &[String], rows: &[(String, Vec<Cell>)]) -> Markup {
    // The caption stays in view while the table scrolls below it. A column's name stands as its cells stand.
    let class = |column: usize| {
        let cells = rows.first().map_or(&[][..], |(_, cells)| cells.as_slice());
        let cell = cells.get(column.wrapping_sub(1)).or(cells.last());
        cell.is_some_and(|cell| matches!(cell.class, "text" | "code")).then_some("left")
    };
    html! {
        p.caption { (caption) }
        div.scroll role="region" tabindex="0" aria-label=(caption) {
            table {
                thead { tr { @for (at, name) in head.iter().enumerate() { th scope="col" class=[class(at)] { (name) } } } }
                tbody {
                    @for (name, cells) in rows {
                        tr {
                            th scope="row" { (name) }
                            @for cell in cells { (table_cell(cell)) }
                        }
                    }
                }
            }
        }
    }
}

fn table_cell(cell: &Cell) -> Markup {
    let columns = (cell.columns > 1).then_some(cell.columns);
    let class = (!cell.class.is_empty()).then_some(cell.class);
    html! { td class=[class] colspan=[columns] { (cell.text) } }
}

/// A plot with its title above.
pub(super) fn figure(title: &str, svg: String) -> Markup {
    html! { figure { figcaption { (title) } (PreEscaped(svg)) } }
}
