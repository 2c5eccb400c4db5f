//! Which files have changed since they were last read? And who tells when one does?

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use notify::event::{CreateKind, EventKind, ModifyKind, RemoveKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::events::Event;
use crate::cli::session::{Written, size_and_time};
use crate::cli::words::many;
use crate::sources::{Limits, Watched, is_watched_name};
use crate::store::text_hash;

/// A file that was written so shortly before it was looked at may be written again with the same time.
const CLOCK_GRAIN: Duration = Duration::from_millis(20);

/// A file as it was when it was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: SystemTime,
    content: Content,
}

/// What tells whether a file of the same size and time is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    /// Nothing needs to: it was written long enough before.
    Settled,
    /// The hash of its text.
    Hash([u8; 32]),
    /// Nothing can: it is no text.
    Unknown,
}

impl Stamp {
    /// `None` where the file cannot be looked at.
    fn of(file: &Path) -> Option<Stamp> {
        let now = SystemTime::now();
        let (bytes, modified) = size_and_time(file)?;
        let settled = modified + CLOCK_GRAIN < now;
        Some(Stamp { bytes, modified, content: if settled { Content::Settled } else { Content::of(file) } })
    }

    /// Tells whether `file`, which is as `self` says, is still as it was.
    fn is_as(&self, before: &Stamp, file: &Path) -> bool {
        let is_alike = (self.bytes, self.modified) == (before.bytes, before.modified);
        is_alike
            && match before.content {
                Content::Settled => true,
                Content::Hash(_) => Content::of(file) == before.content,
                Content::Unknown => false,
            }
    }
}

impl Content {
    fn of(file: &Path) -> Content {
        std::fs::read_to_string(file).map_or(Content::Unknown, |text| Content::Hash(text_hash(&text)))
    }
}

/// The files of the sources as they were looked at, with the folders in which others may appear.
#[derive(Debug, Default)]
struct Seen {
    stamps: BTreeMap<PathBuf, Option<Stamp>>,
    folders: BTreeSet<PathBuf>,
}

impl Seen {
    fn of(sources: &[PathBuf]) -> Seen {
        let mut seen = Seen::default();
        for source in sources {
            let Watched { files, folders } = Watched::of(source, &Limits::default());
            seen.folders.extend(folders);
            seen.stamps.extend(files.into_iter().map(|file| {
                let stamp = Stamp::of(&file);
                (file, stamp)
            }));
        }
        seen
    }

    /// Returns the files that are new, gone or other than they were in `before`.
    fn changed_since(&self, before: &Seen) -> Vec<PathBuf> {
        let is_same = |file: &PathBuf, stamp: &Option<Stamp>| {
            let before = before.stamps.get(file).and_then(Option::as_ref);
            stamp.as_ref().zip(before).is_some_and(|(stamp, before)| stamp.is_as(before, file))
        };
        let other = self.stamps.iter().filter(|(file, stamp)| !is_same(file, stamp)).map(|(file, _)| file);
        let gone = before.stamps.keys().filter(|file| !self.stamps.contains_key(*file));
        other.chain(gone).cloned().collect()
    }

    /// Takes files that were written here, and still hold what was written, as they are: they need no other round. One that
    /// its author saved after it was read, and before it was written, does.
    fn take_own(&mut self, written: &[Written]) {
        for Written { file, hash, before } in written {
            let Some(seen) = self.stamps.get_mut(file) else { continue };
            if seen.as_ref().map(|seen| (seen.bytes, seen.modified)) != *before {
                continue;
            }
            let content = Content::Hash(*hash);
            // Before the content: whoever writes in between leaves a later time, or another text.
            let stamp = Stamp::of(file);
            if Content::of(file) == content {
                *seen = stamp.map(|stamp| Stamp { content, ..stamp });
            }
        }
    }
}

/// Sources, how they were when they were last looked at, and who tells that something happens to them.
pub(super) struct Watch {
    sources: Vec<PathBuf>,
    seen: Seen,
    watcher: RecommendedWatcher,
    /// The folders that it was told of.
    folders: BTreeSet<PathBuf>,
}

impl Watch {
    /// Looks at the files of the sources, and tells `events` from then on what may be a change of them.
    pub(super) fn new(sources: Vec<PathBuf>, events: Sender<Event>) -> anyhow::Result<Watch> {
        // Sources that are files may be called anything.
        let named = sources.clone();
        let watcher = notify::recommended_watcher(move |heard| forward(heard, &events, &named));
        let watcher = watcher.context("this system cannot watch files; run the command after each change instead")?;
        let mut watch = Watch { sources, seen: Seen::default(), watcher, folders: BTreeSet::new() };
        watch.seen = watch.look()?;
        Ok(watch)
    }

    /// Says how much is watched.
    pub(super) fn counted(&self) -> String {
        format!("{} in {}", many(self.seen.stamps.len(), "file"), many(self.folders.len(), "folder"))
    }

    /// Returns the files that have changed since this was called last; `heard` are files and folders of which something was
    /// heard.
    pub(super) fn take_changed(&mut self, heard: &BTreeSet<PathBuf>) -> anyhow::Result<Vec<PathBuf>> {
        for folder in heard.iter().filter_map(|path| self.folders.take(path)) {
            // One that is gone and back is another one. Where it is gone the system has forgotten it by itself.
            let _ = self.watcher.unwatch(&folder);
        }
        let now = self.look()?;
        let changed = now.changed_since(&self.seen);
        self.seen = now;
        Ok(changed)
    }

    /// Takes files that were written here, with the hash of their text, as read.
    pub(super) fn take_own(&mut self, written: &[Written]) {
        self.seen.take_own(written);
    }

    fn look(&mut self) -> anyhow::Result<Seen> {
        let seen = Seen::of(&self.sources);
        if seen.folders == self.folders {
            return Ok(seen);
        }
        self.listen(&seen)?;
        // A file may have come into a new folder before anybody listened.
        Ok(Seen::of(&self.sources))
    }

    /// Listens to these folders, each for itself: what `.gitignore` leaves out is no folder of a site and costs nothing.
    fn listen(&mut self, seen: &Seen) -> anyhow::Result<()> {
        let mut watched = self.watcher.paths_mut();
        for gone in self.folders.difference(&seen.folders) {
            let _ = watched.remove(gone);
        }
        for folder in seen.folders.difference(&self.folders) {
            match watched.add(folder, RecursiveMode::NonRecursive) {
                Ok(()) => {}
                // Gone since it was looked at, of which its own folder tells.
                Err(_) if !folder.exists() => {}
                Err(fault) => return Err(refused(folder, fault)),
            }
        }
        watched.commit().map_err(|fault| refused(Path::new("the folders"), fault))?;
        self.folders.clone_from(&seen.folders);
        Ok(())
    }
}

fn refused(folder: &Path, fault: notify::Error) -> anyhow::Error {
    let remedy = match fault.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "the system watches no more folders; raise its limit (Linux: sysctl fs.inotify.max_user_watches)"
        }
        _ => "it cannot be watched; run the command after each change instead",
    };
    anyhow::Error::new(fault).context(format!("{}: {remedy}", folder.display()))
}

/// Hands on what may be a change of something that is read.
fn forward(heard: notify::Result<notify::Event>, events: &Sender<Event>, named: &[PathBuf]) {
    let (kind, paths) = match heard {
        Ok(event) if !event.need_rescan() => (event.kind, event.paths),
        // Nobody listens where the end has come already; so below.
        _ => return drop(events.send(Event::Lost)),
    };
    for path in paths.into_iter().filter(|path| named.contains(path) || may_matter(kind, path)) {
        let _ = events.send(Event::Changed(path));
    }
}

/// That a file is read is no change, nor are its permissions; what becomes of a folder becomes of all that is in it.
fn may_matter(kind: EventKind, path: &Path) -> bool {
    match kind {
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)) => false,
        EventKind::Create(CreateKind::Folder) | EventKind::Remove(RemoveKind::Folder) => true,
        // A folder that was here once cannot be told from a file.
        EventKind::Modify(ModifyKind::Name(_)) => true,
        _ => is_watched_name(path) || path.is_dir(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::session::SizeAndTime;

    #[allow(clippy::disallowed_methods, reason = "a test's own folder: nothing to keep safe")]
    fn write(file: &Path, text: &str) {
        std::fs::write(file, text).unwrap();
        // As if it had been there for long.
        let long_ago = SystemTime::now() - Duration::from_secs(60);
        std::fs::File::options().write(true).open(file).unwrap().set_modified(long_ago).unwrap();
    }

    #[test]
    fn what_changed_is_told_and_our_own_writing_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        ["a.md", "b.md", "c.md"].iter().for_each(|name| write(&file(name), "old"));
        let sources = [folder.path().to_owned()];
        let mut before = Seen::of(&sources);
        let check = |before: &Seen, expect: &[&str]| {
            let now = Seen::of(&sources);
            let names = now
                .changed_since(before)
                .into_iter()
                .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
            assert_eq!(names.collect::<Vec<_>>(), expect);
        };
        check(&before, &[]);
        write(&file("note.txt"), "");
        check(&before, &[]);
        write(&file("a.md"), "other");
        write(&file("d.md"), "new");
        std::fs::remove_file(file("c.md")).unwrap();
        check(&before, &["a.md", "d.md", "c.md"]);
        // Known by its bytes: had somebody else written, it would be read.
        before = Seen::of(&sources);
        write(&file("a.md"), "ours, of today");
        write(&file("b.md"), "theirs");
        let ours = |name: &str, before: Option<SizeAndTime>| Written {
            file: file(name),
            hash: text_hash("ours, of today"),
            before,
        };
        let seen = |name: &str| before.stamps[&file(name)].as_ref().map(|stamp| (stamp.bytes, stamp.modified));
        let written = ["a.md", "b.md"].map(|name| ours(name, seen(name)));
        before.take_own(&written);
        check(&before, &["b.md"]);
        // What was saved between the reading and the writing was not read.
        before = Seen::of(&sources);
        write(&file("a.md"), "ours, of today");
        before.take_own(&[ours("a.md", Some((1, SystemTime::UNIX_EPOCH)))]);
        check(&before, &["a.md"]);
    }

    #[test]
    fn a_file_that_was_just_written_is_known_by_its_text() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.md");
        let now = SystemTime::now() + Duration::from_secs(60);
        let write_now = |text: &str| {
            write(&file, text);
            std::fs::File::options().write(true).open(&file).unwrap().set_modified(now).unwrap();
        };
        write_now("old");
        let sources = [folder.path().to_owned()];
        let before = Seen::of(&sources);
        assert!(Seen::of(&sources).changed_since(&before).is_empty());
        write_now("new");
        assert_eq!(Seen::of(&sources).changed_since(&before), [file]);
    }

    #[test]
    fn reading_is_no_change() {
        use notify::event::{AccessKind, DataChange, MetadataKind, RenameMode};
        let check = |kind: EventKind, name: &str, expect: bool| assert_eq!(may_matter(kind, Path::new(name)), expect);
        check(EventKind::Access(AccessKind::Any), "a.md", false);
        check(EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)), "a.md", false);
        check(EventKind::Modify(ModifyKind::Data(DataChange::Any)), "a.md", true);
        check(EventKind::Modify(ModifyKind::Data(DataChange::Any)), ".a.md.swp", false);
        check(EventKind::Modify(ModifyKind::Name(RenameMode::From)), "folder.d", true);
    }
}
