//! What is the main text of a page? A readability library finds it, on a page that was made harmless first.

use dom_smoothie::{Config, Readability};

use super::tame::{TooMuch, tame};

/// The HTML of a page's text.
pub(super) struct Content {
    pub(super) html: String,
    /// Who wrote it, where the library found a line that says so.
    pub(super) byline: Option<String>,
    pub(super) all_of_it: Option<WholePage>,
}

/// Why all of a page's text was taken, menus and footers included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WholePage {
    /// A tree of it would cost too much.
    #[error("{0}")]
    TooMuch(#[from] TooMuch),
    /// The library found nothing.
    #[error("none stands out")]
    NothingStandsOut,
}

/// Finds the main text of a page whose title is known.
pub(super) fn content(html: &str, title: &str) -> Content {
    match main_text(html, title) {
        Ok(content) => content,
        Err(why) => Content { html: html.to_owned(), byline: None, all_of_it: Some(why) },
    }
}

fn main_text(html: &str, title: &str) -> Result<Content, WholePage> {
    let tamed = tame(html, title)?;
    let config = Config { disable_json_ld: true, ..Config::default() };
    let found = Readability::new(tamed, None, Some(config)).and_then(|mut page| page.parse());
    let found = found.map_err(|_| WholePage::NothingStandsOut)?;
    if found.text_content.trim().is_empty() {
        return Err(WholePage::NothingStandsOut);
    }
    Ok(Content { html: found.content.to_string(), byline: found.byline, all_of_it: None })
}
