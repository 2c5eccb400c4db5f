//! May a library build a tree of this page? The page is written anew for it, so that nothing can surprise it.
//!
//! What the standard does with HTML that is not well nested makes parsers take time that grows with the square of a
//! page, and what readers of the tree do grows with its depth. So nobody sees the page itself: a stack of open elements
//! is kept, and tags are written from it that are closed in order, of elements that are known here, with the few
//! attributes by which the main text is told. Nesting, elements and depth times bytes are counted and bounded.

use super::tokens::{Piece, Tag, pieces};

/// Elements inside each other, those for emphasis not counted. Real pages stay below 40.
const DEPTH_MAX: usize = 64;
/// Tags and texts. A very long page of an encyclopedia has 40,000.
const ELEMENTS_MAX: usize = 60_000;
/// Bytes times the number of elements around them: each reader of the tree that looks at whole subtrees costs that much.
const WORK_MAX: usize = 24 << 20;
/// What a tag counts in this sum.
const TAG_WORK: usize = 64;
/// Classes and ids that are longer are cut: names that tell something come first.
const NAME_BYTES_MAX: usize = 256;
/// As of the links of posts.
const HREF_BYTES_MAX: usize = 2_048;

/// Why no tree is built of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooMuch {
    /// Elements inside each other.
    #[error("elements are nested deeper than {DEPTH_MAX}")]
    Depth,
    /// Elements.
    #[error("more than {ELEMENTS_MAX} tags and texts")]
    Elements,
    /// Long texts deep inside.
    #[error("too much text is nested too deep")]
    Work,
}

/// What the rules say of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Block,
    Heading,
    /// Ends its like, up to the list that it is in.
    ListItem,
    Form,
    Table,
    TableSection,
    Row,
    Cell,
    Link,
    Span,
    Void,
    Skip,
}

/// Every element that is written; others are left out and what is in them stays.
const RULES: &[(Rule, &[&str])] = &[
    (
        Rule::Block,
        &[
            "p",
            "div",
            "section",
            "article",
            "main",
            "header",
            "footer",
            "aside",
            "figure",
            "figcaption",
            "address",
            "details",
            "summary",
            "fieldset",
            "nav",
            "dialog",
            "ul",
            "ol",
            "menu",
            "dl",
            "blockquote",
            "pre",
        ],
    ),
    (Rule::Heading, &["h1", "h2", "h3", "h4", "h5", "h6"]),
    (Rule::ListItem, &["li", "dt", "dd"]),
    (Rule::Form, &["form"]),
    (Rule::Table, &["table"]),
    (Rule::TableSection, &["thead", "tbody", "tfoot", "caption"]),
    (Rule::Row, &["tr"]),
    (Rule::Cell, &["td", "th"]),
    (Rule::Link, &["a"]),
    (Rule::Span, &["span", "time"]),
    (Rule::Void, &["br", "hr", "img", "input"]),
    (
        Rule::Skip,
        &[
            "title",
            "script",
            "style",
            "svg",
            "math",
            "template",
            "noscript",
            "iframe",
            "object",
            "applet",
            "select",
            "textarea",
            "button",
            "audio",
            "video",
            "canvas",
            "datalist",
            "xmp",
            "noembed",
            "noframes",
            "plaintext",
        ],
    ),
];

fn rule(name: &str) -> Option<(Rule, &'static str)> {
    RULES.iter().find_map(|(rule, names)| names.iter().find(|known| **known == name).map(|known| (*rule, *known)))
}

/// Writes a page anew, its title in the head.
///
/// # Errors
/// It has more of something than a tree of it may have.
pub(super) fn tame(html: &str, title: &str) -> Result<String, TooMuch> {
    let mut tamer =
        Tamer { out: String::with_capacity(html.len()), stack: Vec::new(), skipping: None, elements: 0, work: 0 };
    tamer.out.push_str("<!DOCTYPE html><html><head>");
    if !title.is_empty() {
        tamer.out.push_str("<meta property=\"og:title\" content=\"");
        escape(title, &mut tamer.out);
        tamer.out.push_str("\">");
    }
    tamer.out.push_str("</head><body>");
    for piece in pieces(html) {
        match piece {
            Piece::Start(tag) => tamer.start(&tag)?,
            Piece::End(name) => tamer.end(&name),
            Piece::Text(text) => tamer.text(&text)?,
        }
    }
    tamer.close_to(0);
    tamer.out.push_str("</body></html>");
    Ok(tamer.out)
}

struct Tamer {
    out: String,
    /// The open elements, all of them written.
    stack: Vec<&'static str>,
    /// An element whose content is passed over, and how many of it are open.
    skipping: Option<(&'static str, usize)>,
    elements: usize,
    work: usize,
}

impl Tamer {
    fn start(&mut self, tag: &Tag) -> Result<(), TooMuch> {
        let name = if tag.name == "center" { "div" } else { &tag.name };
        let Some((rule, name)) = rule(name) else { return Ok(()) };
        if let Some((skipped, open)) = &mut self.skipping {
            *open += usize::from(*skipped == name);
            return Ok(());
        }
        match rule {
            Rule::Skip => {
                self.skipping = Some((name, 1));
                return Ok(());
            }
            // A span without a name says nothing.
            Rule::Span if tag.get("class").is_none() && tag.get("id").is_none() => return Ok(()),
            Rule::Form if self.stack.contains(&"form") => return Ok(()),
            _ => {}
        }
        if !self.make_room(rule, name)? {
            return Ok(());
        }
        self.open(rule, name, tag)
    }

    /// Closes what this element ends and opens what it needs around it; `false` where it cannot stand.
    fn make_room(&mut self, rule: Rule, name: &'static str) -> Result<bool, TooMuch> {
        match rule {
            Rule::TableSection => return Ok(self.close_inside(&["table"])),
            Rule::Row => return Ok(self.close_inside(&["table", "thead", "tbody", "tfoot"])),
            Rule::Cell => {
                let in_row = self.close_inside(&["tr", "table", "thead", "tbody", "tfoot"]);
                if in_row && self.stack.last() != Some(&"tr") {
                    self.push("tr")?;
                }
                return Ok(in_row);
            }
            Rule::Link => self.close_first(&["a"], &[]),
            Rule::Span => {}
            Rule::Void if name != "hr" => {}
            Rule::ListItem => {
                let ends: &[&str] = if name == "li" { &["li"] } else { &["dt", "dd"] };
                self.close_first(ends, &["ul", "ol", "menu", "dl"]);
                self.close_first(&["p"], &[]);
            }
            _ => self.close_first(&["p"], &[]),
        }
        if rule == Rule::Heading
            && self.stack.last().is_some_and(|top| self::rule(top).is_some_and(|(rule, _)| rule == Rule::Heading))
        {
            self.close_to(self.stack.len() - 1);
        }
        self.leave_table_gap()?;
        Ok(true)
    }

    /// Only cells hold anything: what stands between them would be moved out of the table, at a price.
    fn leave_table_gap(&mut self) -> Result<(), TooMuch> {
        if matches!(self.stack.last(), Some(&("table" | "thead" | "tbody" | "tfoot"))) {
            self.push("tr")?;
        }
        if self.stack.last() == Some(&"tr") {
            self.push("td")?;
        }
        Ok(())
    }

    /// Closes down to the innermost of `names` in the innermost table; `false` where there is none.
    fn close_inside(&mut self, names: &[&str]) -> bool {
        let table = self.stack.iter().rposition(|open| *open == "table");
        let found = self
            .stack
            .iter()
            .rposition(|open| names.contains(open))
            .filter(|at| table.is_some_and(|table| *at >= table));
        if let Some(at) = found {
            self.close_to(at + 1);
        }
        found.is_some()
    }

    /// Closes the innermost of `names`, unless a cell or one of `walls` stands around it.
    fn close_first(&mut self, names: &[&str], walls: &[&str]) {
        for at in (0..self.stack.len()).rev() {
            let open = self.stack[at];
            if names.contains(&open) {
                return self.close_to(at);
            }
            if matches!(open, "td" | "th" | "caption" | "table") || walls.contains(&open) {
                return;
            }
        }
    }

    fn open(&mut self, rule: Rule, name: &'static str, tag: &Tag) -> Result<(), TooMuch> {
        if rule != Rule::Void {
            self.push(name)?;
            self.out.pop();
            self.attributes(rule, tag);
            self.out.push('>');
            return Ok(());
        }
        self.count(TAG_WORK)?;
        // An image without an address is none.
        self.out.push_str(match name {
            "img" => "<img src=\"i\">",
            "input" => "<input>",
            "hr" => "<hr>",
            _ => "<br>",
        });
        Ok(())
    }

    fn push(&mut self, name: &'static str) -> Result<(), TooMuch> {
        if self.stack.len() == DEPTH_MAX {
            return Err(TooMuch::Depth);
        }
        self.count(TAG_WORK)?;
        self.stack.push(name);
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
        Ok(())
    }

    fn count(&mut self, bytes: usize) -> Result<(), TooMuch> {
        self.elements += 1;
        self.work += bytes * (1 + self.stack.len());
        if self.elements > ELEMENTS_MAX {
            return Err(TooMuch::Elements);
        }
        if self.work > WORK_MAX { Err(TooMuch::Work) } else { Ok(()) }
    }

    fn attributes(&mut self, rule: Rule, tag: &Tag) {
        for name in ["class", "id", "role"] {
            if let Some(value) = tag.get(name) {
                self.attribute(name, &value[..value.floor_char_boundary(NAME_BYTES_MAX)]);
            }
        }
        if let Some(href) = tag.get("href").filter(|href| rule == Rule::Link && href.len() <= HREF_BYTES_MAX) {
            self.attribute("href", &href);
        }
        for name in ["rel", "itemprop"] {
            if tag.has_word(name, "author") {
                self.attribute(name, "author");
            }
        }
        if is_hidden(tag) {
            self.attribute("hidden", "");
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(value, &mut self.out);
        self.out.push('"');
    }

    fn end(&mut self, name: &str) {
        let name = if name == "center" { "div" } else { name };
        if let Some((skipped, open)) = &mut self.skipping {
            if *skipped == name {
                *open -= 1;
                if *open == 0 {
                    self.skipping = None;
                }
            }
            return;
        }
        match rule(name) {
            Some((Rule::Table | Rule::TableSection | Rule::Row | Rule::Cell, name)) => {
                let table = self.stack.iter().rposition(|open| *open == "table");
                let found = self.stack.iter().rposition(|open| *open == name);
                if let Some(at) = found.filter(|at| table.is_some_and(|table| *at >= table)) {
                    self.close_to(at);
                }
            }
            Some((Rule::Void | Rule::Skip, _)) | None => {}
            Some((_, name)) => self.close_first(&[name], &[]),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), TooMuch> {
        if self.skipping.is_some() {
            return Ok(());
        }
        if !text.trim().is_empty() {
            self.leave_table_gap()?;
        }
        self.count(text.len())?;
        escape(text, &mut self.out);
        Ok(())
    }

    fn close_to(&mut self, depth: usize) {
        for name in self.stack.drain(depth..).rev() {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
    }
}

fn is_hidden(tag: &Tag) -> bool {
    let style = tag.get("style").unwrap_or_default();
    let style: String = style.chars().take(NAME_BYTES_MAX).filter(|c| !c.is_whitespace()).collect();
    let style = style.to_ascii_lowercase();
    tag.get("hidden").is_some()
        || tag.get("aria-hidden").is_some_and(|value| value == "true")
        || style.contains("display:none")
        || style.contains("visibility:hidden")
}

fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "&quot;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::page::content::{WholePage, content};

    fn check(html: &str, expect: &str) {
        let tamed = tame(html, "").unwrap();
        let body = tamed.split_once("<body>").unwrap().1.strip_suffix("</body></html>").unwrap();
        assert_eq!(body, expect, "{html}");
    }

    #[test]
    fn elements_are_closed_in_order() {
        check("<p>a<p>b", "<p>a</p><p>b</p>");
        check("<div><p>a</div>b</p>", "<div><p>a</p></div>b");
        check("<ul><li>a<ul><li>b</ul><li>c</ul>", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>");
        check("<dl><dt>a<dd>b<p>c<dt>d", "<dl><dt>a</dt><dd>b<p>c</p></dd><dt>d</dt></dl>");
        check("<h1>a<h2>b", "<h1>a</h1><h2>b</h2>");
        check("<a href='x&y'>a<a href=z>b</div></a>c", "<a href=\"x&amp;y\">a</a><a href=\"z\">b</a>c");
        check("<form><form>a</form>", "<form>a</form>");
        check("<center>a</center>", "<div>a</div>");
    }

    #[test]
    fn tables_hold_their_texts_in_cells() {
        check(
            "<table><tr><td>a<td>b<tr><th>c</table>d",
            "<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table>d",
        );
        check("<table>a<tr>b", "<table><tr><td>a</td></tr><tr><td>b</td></tr></table>");
        check("<div><table></div><td>a</table>b", "<div><table><tr><td>a</td></tr></table>b</div>");
        check("<td>a<tr>b</td>", "ab");
        check(
            "<table><caption>a<tbody><tr><td>b",
            "<table><caption>a</caption><tbody><tr><td>b</td></tr></tbody></table>",
        );
    }

    #[test]
    fn only_what_tells_something_is_kept() {
        check("<b>a</b><x-y>b</x-y><span>c</span><!-- d -->", "abc");
        check("<script>a</script><svg><g><title>b</title></svg><style>c</style>d", "d");
        check(
            "<p class=x onclick=y style='DISPLAY : none' itemprop='author name'>a",
            "<p class=\"x\" itemprop=\"author\" hidden=\"\">a</p>",
        );
        check("<img src=a onerror=b><br><p>&lt;script&gt;", "<img src=\"i\"><br><p>&lt;script&gt;</p>");
    }

    /// Each of these takes a tree builder, or what walks its tree, seconds to minutes where nothing holds it back.
    #[test]
    fn hostile_pages_are_refused_before_a_tree_is_built() {
        const BYTES: usize = 2 << 20;
        for (unit, expect) in [
            ("<div>", TooMuch::Depth),
            ("<ul><li>", TooMuch::Depth),
            ("<table>x", TooMuch::Depth),
            ("<section><h2>x</h2>", TooMuch::Depth),
            ("<b a=1><p>", TooMuch::Elements),
            ("<a href=x><div></a>", TooMuch::Elements),
            ("<div><b>x</div>", TooMuch::Elements),
            ("<table><tr>x<td>y</table>", TooMuch::Elements),
            ("<br>", TooMuch::Elements),
        ] {
            let html = unit.repeat(BYTES / unit.len());
            assert_eq!(tame(&html, "").unwrap_err(), expect, "{unit}");
        }
        let deep = format!("{}{}", "<div>".repeat(60), "some words, ".repeat(100_000));
        assert_eq!(tame(&deep, "").unwrap_err(), TooMuch::Work);
        let found = content(&deep, "");
        assert_eq!((found.html.len(), found.all_of_it), (deep.len(), Some(WholePage::TooMuch(TooMuch::Work))));
    }

    #[test]
    fn what_costs_nothing_is_left_out() {
        let attributes: String = (0..100_000).map(|n| format!(" a{n}=x")).collect();
        check(&format!("<p{attributes}>x"), "<p>x</p>");
        check(&format!("{}x", "<font color=red>".repeat(100_000)), "x");
        let class = "comment ".repeat(1_000);
        assert!(tame(&format!("<p class='{class}'>x"), "").unwrap().len() < 400);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]
        /// What is written comes out of the tree as it went in: no rule for what is not well nested has anything to do.
        #[test]
        fn any_page_goes_through(html in "(</?(p|div|ul|li|a|b|table|tr|td|th|tbody|caption|h1|form|span class=x|svg|section|pre|dl|dd)>|<br>|<img>|words, and more|&amp;|\\PC){0,60}") {
            if let Ok(tamed) = tame(&html, "T") {
                let opened = tamed.matches("<div>").count();
                proptest::prop_assert_eq!(opened, tamed.matches("</div>").count());
            }
            let _ = content(&html, "T");
        }
    }
}
