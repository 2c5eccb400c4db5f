//! Is this XML safe to hand on? Walks it once with a parser that cannot overflow, and takes it apart into posts.
//!
//! The feed library recurses into some elements and dies of 25 KB of nested `media:group`; it gives up a whole feed for
//! one bad item; and it does not know every RSS that is out there. So everything is bounded here first, each item is
//! cut out, and the frame around them is written as the library knows it.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::fault::FeedFault;
use crate::sources::options::Limits;

/// One item, cut out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// The line on which it begins.
    pub(super) line: usize,
    pub(super) xml: String,
}

/// A feed, taken apart.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// The feed without its items.
    frame: String,
    /// Where the items stood in the frame.
    slot: Option<usize>,
    pub(super) items: Vec<Item>,
    /// Lines of items after the limit.
    pub(super) beyond: Vec<usize>,
    /// Where and why XML was broken; the item there is lost.
    pub(super) broken: Vec<(usize, String)>,
}

impl Scan {
    /// Puts the frame around some of the items.
    pub(super) fn with_items(&self, items: &[Item]) -> String {
        let (before, after) = self.frame.split_at(self.slot.unwrap_or(self.frame.len()));
        let items = items.iter().map(|item| item.xml.as_str());
        [before].into_iter().chain(items).chain([after]).collect()
    }

    pub(super) fn frame_bytes(&self) -> usize {
        self.frame.len()
    }
}

/// Takes a feed apart.
///
/// # Errors
/// The line and the reason why nothing of it may be read.
pub(super) fn scan(text: &str, limits: &Limits) -> Result<Scan, (usize, FeedFault)> {
    let mut scanner = Scanner {
        text,
        limits,
        stack: Vec::new(),
        open: None,
        copied: 0,
        counted: (0, 1),
        events: 0,
        respelled: Vec::new(),
        scan: Scan::default(),
    };
    let mut from = 0;
    while let Some(next) = scanner.walk(from).map_err(|(at, fault)| (scanner.line(at), fault))? {
        from = next;
    }
    Ok(scanner.scan)
}

struct Scanner<'t> {
    text: &'t str,
    limits: &'t Limits,
    /// Names of the open elements, the root first.
    stack: Vec<&'t str>,
    /// Where the open item begins, and how many elements are open around it.
    open: Option<(usize, usize)>,
    /// Up to where the frame has its text.
    copied: usize,
    /// A position and its line, from which the next line is counted.
    counted: (usize, usize),
    events: usize,
    /// Ranges of the text that are written otherwise, ascending, and how.
    respelled: Vec<(Range<usize>, &'static str)>,
    scan: Scan,
}

impl<'t> Scanner<'t> {
    /// Walks from a position to the end, or to a broken item; then returns the position after it.
    fn walk(&mut self, from: usize) -> Result<Option<usize>, (usize, FeedFault)> {
        let mut reader = Reader::from_str(&self.text[from..]);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        let mut at = from;
        loop {
            let event = reader.read_event();
            let end = from + usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            self.events += 1;
            if self.events > self.limits.feed_events {
                return Err((at, FeedFault::TooManyEvents { limit: self.limits.feed_events }));
            }
            let outcome = match event {
                Ok(Event::Start(tag)) => self.start(&tag, at, end).map(|()| None),
                Ok(Event::Empty(tag)) => self.attributes(&tag).map(|()| None),
                Ok(Event::End(tag)) => Ok(self.end(&self.text[at + 2..][..tag.name().0.len()], end)),
                Ok(Event::DocType(kind)) if kind.contains('[') => Err(FeedFault::InternalSubset),
                Ok(Event::DocType(_) | Event::Decl(_)) => {
                    self.copy(at);
                    self.copied = end;
                    Ok(None)
                }
                Ok(Event::Eof) if self.stack.is_empty() => return self.finish(at).map(|()| None),
                Ok(Event::Eof) => Ok(Some("it ends too early".to_owned())),
                Ok(_) => Ok(None),
                Err(error) => Ok(Some(error.to_string())),
            };
            if let Some(problem) = outcome.map_err(|fault| (at, fault))? {
                return self.broken(at, problem);
            }
            at = end;
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, at: usize, end: usize) -> Result<(), FeedFault> {
        self.attributes(tag)?;
        if self.stack.len() >= self.limits.feed_depth {
            return Err(FeedFault::TooDeep { limit: self.limits.feed_depth });
        }
        let name = &self.text[at + 1..][..tag.name().0.len()];
        let local = tag.local_name().into_inner();
        if self.stack.is_empty() {
            if !matches!(local, "rss" | "RDF" | "feed" | "entry") {
                return Err(FeedFault::NotAFeed(local.chars().take(40).collect()));
            }
            self.copy(at);
            self.scan.frame.push_str(&root_tag(tag, name, local));
            self.copied = end;
        } else if self.open.is_none() && self.stack.len() <= 2 && matches!(local, "item" | "entry") {
            self.copy(at);
            self.scan.slot.get_or_insert(self.scan.frame.len());
            self.open = Some((at, self.stack.len()));
        }
        self.respell(tag, local);
        self.stack.push(name);
        Ok(())
    }

    /// Atom 0.3 names the kinds of its texts by their media types, which the library takes for other things.
    fn respell(&mut self, tag: &BytesStart<'_>, local: &str) {
        let is_text = matches!(local, "title" | "summary" | "subtitle" | "tagline" | "rights" | "copyright" | "info");
        let kind = tag.attributes().with_checks(false).flatten().find(|attribute| attribute.key.0 == "type");
        let Some(kind) = kind.filter(|_| is_text) else { return };
        let word = match &*kind.value {
            "text/plain" => "text",
            "text/html" => "html",
            "application/xhtml+xml" => "xhtml",
            _ => return,
        };
        // The value is a part of the text, which says where it is.
        let start = (kind.value.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize);
        if let Some(start) = start.filter(|start| start + kind.value.len() <= self.text.len()) {
            self.respelled.push((start..start + kind.value.len(), word));
        }
    }

    /// Returns a part of the text as the library knows it.
    fn spelled(&self, range: Range<usize>) -> String {
        let mut written = String::new();
        let mut from = range.start;
        let first = self.respelled.partition_point(|(part, _)| part.start < range.start);
        for (part, word) in self.respelled[first..].iter().take_while(|(part, _)| part.end <= range.end) {
            written.push_str(self.text.get(from..part.start).unwrap_or_default());
            written.push_str(word);
            from = part.end;
        }
        written.push_str(self.text.get(from..range.end).unwrap_or_default());
        written
    }

    /// Returns what is wrong when the end tag is not that of the innermost element.
    fn end(&mut self, name: &str, end: usize) -> Option<String> {
        if self.stack.last() != Some(&name) {
            let open = self.stack.last().copied().unwrap_or("nothing");
            return Some(format!("</{name}> closes <{open}>"));
        }
        self.stack.pop();
        if let Some((start, depth)) = self.open
            && self.stack.len() == depth
        {
            let line = self.line(start);
            if self.scan.items.len() < self.limits.feed_posts {
                let xml = self.spelled(start..end);
                let is_rdf = self.stack.first().is_some_and(|root| root.ends_with("RDF"));
                self.scan.items.push(Item { line, xml: if is_rdf { with_link(xml) } else { xml } });
            } else {
                self.scan.beyond.push(line);
            }
            self.open = None;
            self.copied = end;
        }
        None
    }

    fn attributes(&self, tag: &BytesStart<'_>) -> Result<(), FeedFault> {
        let limit = self.limits.feed_attributes;
        let mut attributes = tag.attributes();
        let count = attributes.with_checks(false).take(limit + 1).count();
        if count > limit { Err(FeedFault::TooManyAttributes { limit }) } else { Ok(()) }
    }

    /// Leaves out the broken item and goes on after it; without an item to leave out, what was read is all there is.
    fn broken(&mut self, at: usize, problem: String) -> Result<Option<usize>, (usize, FeedFault)> {
        let nothing_read = self.scan.items.is_empty() && self.scan.broken.is_empty() && self.open.is_none();
        if nothing_read {
            return Err((at, FeedFault::Broken(problem)));
        }
        let Some((start, depth)) = self.open.take() else {
            let line = self.line(at);
            self.scan.broken.push((line, problem));
            return self.finish(at).map(|()| None);
        };
        let line = self.line(start);
        self.scan.broken.push((line, problem));
        let close = format!("</{}>", self.stack[depth]);
        self.stack.truncate(depth);
        match self.text[at..].find(&close) {
            Some(found) => {
                self.copied = at + found + close.len();
                Ok(Some(self.copied))
            }
            None => {
                self.copied = self.text.len();
                self.finish(self.text.len()).map(|()| None)
            }
        }
    }

    /// Completes the frame: its text up to `at`, then the end tags that are missing.
    fn finish(&mut self, at: usize) -> Result<(), (usize, FeedFault)> {
        self.copy(at);
        while let Some(name) = self.stack.pop() {
            self.scan.frame.push_str(&format!("</{name}>"));
        }
        if self.scan.frame.contains('<') { Ok(()) } else { Err((at, FeedFault::Broken("no element in it".to_owned()))) }
    }

    fn copy(&mut self, to: usize) {
        let written = self.spelled(self.copied..to.max(self.copied));
        self.scan.frame.push_str(&written);
        self.copied = self.copied.max(to);
    }

    fn line(&mut self, at: usize) -> usize {
        let (from, line) = if at >= self.counted.0 { self.counted } else { (0, 1) };
        let lines = self.text.as_bytes()[from..at].iter().filter(|&&byte| byte == b'\n').count();
        self.counted = (at, line + lines);
        line + lines
    }
}

/// The library gives up an item of RDF without a link; what it is about is its address.
fn with_link(xml: String) -> String {
    let mut reader = Reader::from_str(&xml);
    reader.config_mut().check_end_names = false;
    let mut about = None;
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) if tag.local_name().into_inner() == "item" => {
                let mut attributes = tag.attributes();
                let mut attributes = attributes.with_checks(false).flatten();
                let named = attributes.find(|attribute| attribute.key.local_name().into_inner() == "about");
                about = named.map(|attribute| attribute.value.into_owned());
            }
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().into_inner() == "link" => return xml,
            Event::Eof => break,
            _ => {}
        }
    }
    let Some((about, close)) = about.zip(xml.rfind("</")) else { return xml };
    format!("{}<link>{about}</link>{}", &xml[..close], &xml[close..])
}

/// Writes the root as the library knows it: any RSS is 2.0, and the default name space is the format's own (RSS 0.90,
/// Atom 0.3 and some RSS 2.0 name others).
fn root_tag(tag: &BytesStart<'_>, name: &str, local: &str) -> String {
    let mut written = format!("<{name}");
    for attribute in tag.attributes().with_checks(false).flatten() {
        let key = attribute.key.0;
        if key != "xmlns" && key != "version" {
            let quote = if attribute.value.contains('"') { '\'' } else { '"' };
            written.push_str(&format!(" {key}={quote}{}{quote}", attribute.value));
        }
    }
    written.push_str(if local == "rss" { " version=\"2.0\">" } else { ">" });
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { feed_posts: 3, feed_depth: 5, feed_attributes: 3, feed_events: 200, ..Limits::default() }
    }

    fn check(xml: &str, expect_items: &[(usize, &str)], expect_frame: &str) -> Scan {
        let scan = scan(xml, &limits()).unwrap();
        let items: Vec<(usize, &str)> = scan.items.iter().map(|item| (item.line, item.xml.as_str())).collect();
        assert_eq!(items, expect_items);
        assert_eq!(scan.with_items(&[]), expect_frame);
        scan
    }

    fn check_fault(xml: &str, line: usize, expect: &str) {
        let (at, fault) = scan(xml, &limits()).unwrap_err();
        assert_eq!((at, fault.to_string().as_str()), (line, expect), "{xml}");
    }

    #[test]
    fn cuts_items_out_of_the_frame() {
        check(
            "<?xml version='1.0'?>\n<!DOCTYPE rss>\n<rss version='0.93' xmlns='x' a='b'><channel><title>t</title>\n<item><a/></item>\n<item>é</item></channel></rss>",
            &[(4, "<item><a/></item>"), (5, "<item>é</item>")],
            "\n\n<rss a=\"b\" version=\"2.0\"><channel><title>t</title>\n\n</channel></rss>",
        );
        let scan = check(
            "<feed><entry/><x><entry></entry></x></feed>",
            &[(1, "<entry></entry>")],
            "<feed><entry/><x></x></feed>",
        );
        assert_eq!(scan.with_items(&scan.items), "<feed><entry/><x><entry></entry></x></feed>");
    }

    #[test]
    fn a_broken_item_costs_only_itself() {
        let scan = check(
            "<rss><item>1</item>\n<item><b>2</item>\n<item>3</item>\n<item>4<",
            &[(1, "<item>1</item>"), (3, "<item>3</item>")],
            "<rss version=\"2.0\">\n\n\n</rss>",
        );
        assert_eq!(scan.broken.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4]);
        let scan =
            check("<feed><entry>1</entry></x><entry>2</entry></feed>", &[(1, "<entry>1</entry>")], "<feed></feed>");
        assert_eq!(scan.broken, [(1, "</x> closes <feed>".to_owned())]);
    }

    #[test]
    fn what_is_too_much_is_refused_or_counted() {
        check_fault(
            "<feed><a><a>\n<a><a><a>",
            2,
            "elements are nested deeper than 5; this is no feed that a reader needs",
        );
        check_fault(
            "<feed a='' b='' c='' d=''>",
            1,
            "an element has more than 3 attributes; this is no feed that a reader needs",
        );
        check_fault(&format!("<feed>{}", "<a/>".repeat(300)), 1, "more than 200 tags and texts; split it");
        check_fault(
            "\n<!DOCTYPE x [<!ENTITY a 'b'>]><feed/>",
            2,
            "declares its own entities; remove the document type",
        );
        check_fault("<html><body>", 1, "<html> is not a feed; give an RSS, Atom or JSON Feed file");
        check_fault("", 1, "not well-formed XML (no element in it); check that the download is complete");
        let scan = scan(&format!("<feed>{}</feed>", "<entry>\n</entry>".repeat(5)), &limits()).unwrap();
        assert_eq!((scan.items.len(), scan.beyond), (3, vec![4, 5]));
    }
}
