//! What is on one's own site? Its posts with the words of links hidden, and what their authors joined.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::files::read_text;
use crate::cli::errors::Usage;
use crate::cli::index::read_source;
use crate::cli::read_report;
use crate::cli::session::Session;
use crate::cli::spec::{Spec, specs_of_store};
use crate::cli::web::{is_url, read_kept};
use crate::cli::words::many;
use crate::corpus::{Corpus, PostLink, SiteLinks, resolve_links};
use crate::post::Post;
use crate::sources::{LinkWords, Read};

/// Links that are shown as examples.
const EXAMPLES: usize = 3;

/// A site as a ranking that is measured may read it.
pub(super) struct Site {
    /// The posts, the words of links to one another hidden.
    pub(super) corpus: Corpus,
    pub(super) links: SiteLinks,
}

/// Reads folders and files, or every source of the store; twice, as only the first reading tells which links lead to
/// posts.
pub(super) fn read_site(session: &Session<'_>, paths: &[PathBuf]) -> anyhow::Result<Site> {
    let specs = if paths.is_empty() { specs_of_store(session)? } else { specs_of(paths)? };
    let (posts, links) = read_all(session, &specs, &LinkWords::Keep)?;
    anyhow::ensure!(!posts.is_empty(), "no post could be read; name a folder of Markdown, a feed or a JSONL file");
    let count = posts.len();
    let ids: Vec<_> = posts.iter().map(|post| post.id.clone()).collect();
    let links = resolve_links(&Corpus::new(posts)?, &links);
    let (mut posts, _) = read_all(session, &specs, &LinkWords::Hide(links.targets.clone()))?;
    anyhow::ensure!(posts.len() == count, "the posts changed while they were read; run it again");
    // A post whose id was made of its first words has the same id as before, whatever was hidden of them.
    posts.iter_mut().zip(ids).for_each(|(post, id)| post.id = id);
    Ok(Site { corpus: Corpus::new(posts)?, links })
}

fn specs_of(paths: &[PathBuf]) -> anyhow::Result<Vec<Spec>> {
    if paths.iter().any(|path| path == Path::new("-")) {
        return Err(Usage::new("stdin cannot be read twice, as hiding the words of links needs; name a file").into());
    }
    Ok(paths.iter().map(|path| Spec::to_measure(path)).collect())
}

/// Reads all sources; of two posts with one id the first stays. What was read is said at the first reading.
fn read_all(session: &Session<'_>, specs: &[Spec], words: &LinkWords) -> anyhow::Result<(Vec<Post>, Vec<PostLink>)> {
    let (mut posts, mut links): (Vec<Post>, Vec<PostLink>) = Default::default();
    let mut seen = HashSet::new();
    let mut doubled = 0;
    for spec in specs {
        let Read { posts: found, links: found_links, report, wishes: _ } = if is_url(spec.path()) {
            read_kept(session, spec, words.clone())?
        } else {
            read_source(spec, words.clone())?
        };
        if *words == LinkWords::Keep {
            read_report::say(session.console, &report, found.len(), spec.path());
        }
        let (new, known): (Vec<Post>, Vec<Post>) = found.into_iter().partition(|post| !seen.contains(&post.id));
        let known: HashSet<_> = known.into_iter().map(|post| post.id).collect();
        doubled += known.len();
        seen.extend(new.iter().map(|post| post.id.clone()));
        posts.extend(new);
        links.extend(found_links.into_iter().filter(|link| !known.contains(&link.from)));
    }
    if doubled > 0 && *words == LinkWords::Keep {
        session.console.warn(&format!("{} left out: another source has their ids", many(doubled, "post")));
    }
    Ok((posts, links))
}

/// Says how many links there are, where they lead, and which ones lead nowhere.
pub(super) fn say_links(session: &Session<'_>, links: &SiteLinks) {
    let all = links.resolved + links.to_itself + links.elsewhere + links.unknown.len();
    session.console.note(&format!(
        "{}: {} to other posts ({} between different posts), {} to the post itself, {} to other sites or files, {} to pages that are no post",
        many(all, "link"),
        links.resolved,
        many(links.body.len() + links.related.len(), "pair"),
        links.to_itself,
        links.elsewhere,
        links.unknown.len()
    ));
    let mut seen = BTreeSet::new();
    let examples = links.unknown.iter().filter(|link| seen.insert(&link.target)).take(EXAMPLES);
    let examples: Vec<String> = examples.map(|link| format!("{} in {}", link.target, link.from)).collect();
    if !examples.is_empty() {
        let more = if seen.len() > EXAMPLES || links.unknown.len() > EXAMPLES { ", \u{2026}" } else { "" };
        session.console.note(&format!("no post is meant by {}{more}", examples.join(", ")));
    }
}

/// Adds the pairs of a file of related posts: from and to, tab-separated with a header.
pub(super) fn add_related(session: &Session<'_>, file: &Path, site: &mut Site) -> anyhow::Result<()> {
    let (text, name) = (read_text(file)?, file.display());
    let mut rows = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let column = |head: &str, wanted: &str| head.split('\t').position(|name| name.trim().eq_ignore_ascii_case(wanted));
    let columns = rows.next().and_then(|(_, head)| Some((column(head, "from")?, column(head, "to")?)));
    let (from, to) = columns.ok_or_else(|| {
        anyhow::anyhow!("{name}:1: no columns called from and to; name them in the first line, parted by a tab")
    })?;
    let find =
        |word: &str| site.corpus.find_exact(word).or_else(|| site.corpus.find_exact(word.trim().strip_prefix('/')?));
    let (mut pairs, mut unknown): (Vec<(usize, usize)>, Vec<String>) = Default::default();
    let mut to_itself = 0;
    for (line, row) in rows {
        let cells: Vec<&str> = row.split('\t').collect();
        let (Some(from), Some(to)) = (cells.get(from), cells.get(to)) else {
            anyhow::bail!("{name}:{line}: fewer columns than the first line has; write from and to");
        };
        match (find(from), find(to)) {
            (Some(a), Some(b)) if a != b => pairs.push((a, b)),
            (Some(_), Some(_)) => to_itself += 1,
            (a, b) => {
                unknown.extend(
                    [(a, from), (b, to)].iter().filter(|(at, _)| at.is_none()).map(|(_, id)| id.trim().to_owned()),
                );
            }
        }
    }
    let examples = unknown.iter().take(EXAMPLES).cloned().collect::<Vec<_>>().join(", ");
    if pairs.is_empty() && !unknown.is_empty() {
        let posts = site.corpus.posts().iter().take(EXAMPLES).map(|post| post.id.to_string());
        let posts = posts.collect::<Vec<_>>().join(", ");
        anyhow::bail!(
            "{name}: it names no post of the site: it has {examples}, the site {posts}; write ids, URLs or paths"
        );
    }
    if !unknown.is_empty() {
        session
            .console
            .warn(&format!("{name}: {} of no post left out, such as {examples}", many(unknown.len(), "name")));
    }
    if to_itself > 0 {
        session.console.note(&format!("{name}: {} from a post to itself left out", many(to_itself, "row")));
    }
    site.links.related.extend(pairs);
    site.links.related.sort_unstable();
    site.links.related.dedup();
    Ok(())
}
