//! Do stored files open, the old and the damaged ones too, without a panic and without a wrong answer?

use std::fs;
use std::path::{Path, PathBuf};

use nextread::corpus::{LinkOrigin, PostLink, Wishes};
use nextread::embeddings::{LongTexts, Precision, Space};
use nextread::post::{Post, PostDate, PostId, Series, Summary, SummaryOrigin};
use nextread::store::{
    EmbeddingRow, HistoryRecord, Provenance, Record, SourceKey, Store, StoreError, StoredSentence, StoredSpace,
    content_hash, text_hash,
};

const DIMENSION: usize = 16;

/// Everything that a store can hold, `n` posts of it, made of numbers alone.
struct Content {
    posts: Vec<Post>,
    vectors: Vec<[f32; DIMENSION]>,
    sentences: Vec<Vec<StoredSentence>>,
    links: Vec<Vec<PostLink>>,
    wishes: Vec<Option<Wishes>>,
    history: Vec<HistoryRecord>,
}

impl Content {
    fn new(n: usize) -> Content {
        let vector = |number: usize| {
            let mut vector = [0.0; DIMENSION];
            (vector[number % DIMENSION], vector[(number + 1) % DIMENSION]) = (0.6, -0.8);
            vector
        };
        let sentence = |number: usize| StoredSentence {
            range: number..number + 9,
            codes: (0..DIMENSION).map(|code| (number * 7 + code) as i8).collect(),
            scale: 0.007,
        };
        Content {
            posts: (0..n).map(post).collect(),
            vectors: (0..n).map(vector).collect(),
            sentences: (0..n).map(|number| (0..number % 4).map(sentence).collect()).collect(),
            links: (0..n).map(links).collect(),
            wishes: (0..n).map(wishes).collect(),
            history: (0..n).map(read).collect(),
        }
    }

    fn ids(&self) -> Vec<PostId> {
        self.posts.iter().map(|post| post.id.clone()).collect()
    }

    fn put(&self, store: &mut Store) -> Result<(), StoreError> {
        let source = SourceKey::new("blog/feed.xml");
        let mut writer = store.write(&mut |_| ())?;
        writer.repair()?;
        writer.register_source(&source, "kind = \"feed\"")?;
        let key = writer.register_space(&space())?;
        let records = self.posts.iter().enumerate().map(|(number, post)| {
            let (vector, sentences) = (&self.vectors[number], &self.sentences[number]);
            let text_hash = text_hash(&number.to_string());
            let embedding = EmbeddingRow {
                space_key: &key,
                text_hash,
                vector,
                windows: 1 + number % 2,
                truncated: false,
                sentences,
            };
            let links = &self.links[number];
            let wishes = self.wishes[number].as_ref();
            Record {
                post,
                content_hash: content_hash(post),
                source: &source,
                links,
                wishes,
                embedding: Some(embedding),
            }
        });
        assert_eq!(writer.put(&records.collect::<Vec<_>>())?.taken, []);
        writer.set_active_space(&key)
    }

    fn put_history(&self, store: &mut Store) {
        let mut writer = store.write(&mut |_| ()).unwrap();
        assert_eq!(writer.add_history(&self.history).unwrap(), self.history.len());
        writer.add_provenance(&provenance()).unwrap();
    }

    /// Reads the store in `dir` in every way there is. Each answer must be right or an error; what is left out must
    /// be named. Returns whether all was right and complete.
    fn check(&self, store: &Store, what: &str) -> Result<bool, StoreError> {
        let found = store.check();
        let posts = store.posts()?;
        let listed: Vec<Post> = self.posts.iter().map(|post| Post { text: None, ..post.clone() }).collect();
        assert!(posts.items.iter().all(|post| listed.contains(post)), "{what}: a wrong post");
        assert!(posts.items.is_sorted_by(|a, b| a.id < b.id), "{what}: posts out of order");
        assert!(posts.items == listed || !posts.damaged.is_empty(), "{what}: a post vanished in silence");
        let history = store.history()?;
        assert!(history.items.iter().all(|record| self.history.contains(record)), "{what}: wrong history");
        assert!(history.items == self.history || !history.damaged.is_empty(), "{what}: history vanished in silence");

        let ids = self.ids();
        for (id, post) in ids.iter().zip(&self.posts) {
            if let Ok(text) = store.text(id) {
                assert!(text == post.text, "{what}: a wrong text");
            }
        }
        let key = space().key();
        let embeddings = store.embeddings(&key, &ids)?;
        for (row, &position) in embeddings.positions.iter().enumerate() {
            assert_eq!(embeddings.embeddings.row(row), self.vectors[position], "{what}: a wrong vector");
        }
        let mut all = [embeddings.positions, embeddings.missing.clone()].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..ids.len()), "{what}: a vector neither there nor missing");
        let sentences = store.sentences(&key, &ids)?;
        for (found, expect) in sentences.items.iter().zip(&self.sentences) {
            assert!(found == expect || (found.is_empty() && !sentences.damaged.is_empty()), "{what}: wrong sentences");
        }
        let links = store.links()?;
        let all_links: Vec<PostLink> = self.links.concat();
        assert!(links.items.iter().all(|link| all_links.contains(link)), "{what}: a wrong link");
        let unknown = store.count_without_links()?;
        assert!(
            links.items == all_links || !links.damaged.is_empty() || unknown > 0,
            "{what}: links vanished in silence"
        );
        let wishes = store.wishes()?;
        let all_wishes: Vec<(PostId, Wishes)> =
            ids.iter().zip(&self.wishes).filter_map(|(id, wishes)| Some((id.clone(), wishes.clone()?))).collect();
        assert!(wishes.items.iter().all(|wishes| all_wishes.contains(wishes)), "{what}: a wrong wish");
        for state in store.states(&SourceKey::new("blog/feed.xml"), &key)? {
            let number = ids.iter().position(|id| *id == state.0).expect("a wrong id");
            assert_eq!(state.1.content_hash, content_hash(&self.posts[number]), "{what}: a wrong content hash");
            let right = text_hash(&number.to_string());
            assert!(state.1.text_hash.is_none_or(|hash| hash == right), "{what}: a wrong text hash");
        }
        let complete = [&posts.damaged, &history.damaged, &embeddings.damaged, &sentences.damaged, &found];
        Ok(embeddings.missing.is_empty() && complete.iter().all(|damaged| damaged.is_empty()))
    }
}

fn wishes(number: usize) -> Option<Wishes> {
    let pin = Some(vec![format!("/{number}/\u{e9}\"")]);
    let list = Some(number.is_multiple_of(5));
    number.is_multiple_of(4).then(|| Wishes { pin, list, ..Wishes::default() })
}

fn links(number: usize) -> Vec<PostLink> {
    let link = |at: usize| PostLink {
        from: post(number).id,
        target: format!("/{at}/\u{e9}\"{number}"),
        words: format!("words {at}"),
        origin: if at == 0 { LinkOrigin::Body } else { LinkOrigin::Related },
    };
    (0..number % 3).map(link).collect()
}

fn post(number: usize) -> Post {
    let some = |text: &str| Some(format!("{text} {number}")).filter(|_| !number.is_multiple_of(3));
    Post {
        id: PostId::new(&format!("post-{number:03}")).unwrap(),
        title: format!("Títle {number} — 東京"),
        summary: Summary {
            text: format!("What post {number} is about. ").repeat(number % 7),
            origin: if number.is_multiple_of(7) { SummaryOrigin::Missing } else { SummaryOrigin::FirstParagraphs },
        },
        text: some(&"Some words of a text. ".repeat(number)),
        url: some("https://blog.example/"),
        date: PostDate::parse(["2024", "2025-03", "2026-05-20"][number % 3]),
        tags: (0..number % 4).map(|tag| format!("tag \"{tag}\"")).collect(),
        source: "Blog".to_owned(),
        author: some("Author"),
        language: some("eng"),
        minutes: Some(number as u32).filter(|minutes| *minutes > 0),
        series: some("Series").map(|name| Series { name, part: number as u32 }),
        path: some("posts/"),
    }
}

fn read(number: usize) -> HistoryRecord {
    HistoryRecord {
        post: format!("post-{:03}", number * 7 % 60),
        read_at: Some(format!("2026-05-{:02}", 1 + number % 28)).filter(|_| number % 2 == 1),
        rating: Some(number as f32 / 3.0).filter(|_| number % 3 == 1),
    }
}

fn space() -> StoredSpace {
    let space = Space {
        model: "all-MiniLM-L6-v2".to_owned(),
        revision: "1110a24".to_owned(),
        sha256: "53aa5117".repeat(8),
        dimension: DIMENSION,
        pooling: "mean".to_owned(),
        long_texts: LongTexts::Windows,
        precision: Precision::Exact,
    };
    StoredSpace { space, template: "title + summary".to_owned() }
}

fn provenance() -> Provenance {
    Provenance {
        source: SourceKey::new("blog/feed.xml"),
        at: "2026-05-20T10:00:00Z".to_owned(),
        version: "0.1.0".to_owned(),
        space_key: space().key(),
        added: 12,
        changed: 3,
        removed: 1,
        unchanged: 0,
    }
}

/// Makes a store of `content` in `dir`: whole in one file, as after every orderly end.
fn make(dir: &Path, content: &Content) -> PathBuf {
    let mut store = Store::create_or_open(dir, &mut |_| ()).unwrap();
    content.put(&mut store).unwrap();
    content.put_history(&mut store);
    assert!(content.check(&store, "undamaged").unwrap());
    store.path().to_owned()
}

#[allow(clippy::disallowed_methods, reason = "a file of a test needs no crash safety")]
pub(crate) fn place(dir: &Path, name: &str, bytes: &[u8]) {
    fs::write(dir.join(name), bytes).unwrap();
}

/// Splitmix64: numbers that look random and are the same on every run.
pub(crate) fn numbers(mut seed: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % below as u64) as usize
    }
}

/// Opens `bytes` as a store and reads it.
fn check_damaged(content: &Content, bytes: &[u8], what: &str) {
    let folder = tempfile::tempdir().unwrap();
    place(folder.path(), "store.db", bytes);
    if let Err(error) = Store::open(folder.path()).and_then(|store| content.check(&store, what)) {
        assert!(error.to_string().contains("store.db: "), "{what}: {error}");
    }
}

/// Opens `bytes` as a store, mends it as `index` does and reads it: all posts are there again, or it is an error.
fn check_mended(content: &Content, bytes: &[u8], what: &str) {
    let folder = tempfile::tempdir().unwrap();
    place(folder.path(), "store.db", bytes);
    let mended = Store::create_or_open(folder.path(), &mut |_| ()).and_then(|mut store| {
        content.put(&mut store)?;
        let posts = store.posts()?;
        assert_eq!(
            (posts.items.len(), posts.damaged),
            (content.posts.len(), vec![]),
            "{what}: not whole after mending"
        );
        content.check_all_but_history(&store, what)
    });
    if let Err(error) = mended {
        assert!(error.to_string().contains("store.db: "), "{what}: {error}");
    }
}

impl Content {
    /// As [`Content::check`], but the history may have lost records: no source brings them back.
    fn check_all_but_history(&self, store: &Store, what: &str) -> Result<(), StoreError> {
        let history = store.history()?.items;
        assert!(history.iter().all(|record| self.history.contains(record)), "{what}: wrong history");
        let left = Content { history, posts: self.posts.clone(), ..Content::new(self.posts.len()) };
        left.check(store, what).map(drop)
    }
}

#[test]
fn flipped_bits_never_make_a_panic_or_a_wrong_answer() {
    let folder = tempfile::tempdir().unwrap();
    let content = Content::new(60);
    let bytes = fs::read(make(folder.path(), &content)).unwrap();
    let mut next = numbers(1);
    for flip in 0..500 {
        // A fifth of them in the header and the schema, where a bit means the most.
        let offset = if flip % 5 == 0 { next(4_096) } else { next(bytes.len()) };
        let bit = next(8);
        let mut flipped = bytes.clone();
        flipped[offset] ^= 1 << bit;
        let what = format!("bit {bit} of byte {offset}");
        check_damaged(&content, &flipped, &what);
        // Mending waits for the disk, so fewer of these.
        if flip % 8 == 0 {
            check_mended(&content, &flipped, &what);
        }
    }
}

#[test]
fn cut_and_blanked_files_never_make_a_panic_or_a_wrong_answer() {
    let folder = tempfile::tempdir().unwrap();
    let content = Content::new(60);
    let bytes = fs::read(make(folder.path(), &content)).unwrap();
    let mut next = numbers(2);
    for page in 0..bytes.len() / 4_096 {
        let length = page * 4_096 + next(4_096);
        check_damaged(&content, &bytes[..length], &format!("cut to {length} bytes"));
        let mut blanked = bytes.clone();
        blanked[page * 4_096..][..4_096].fill(0);
        check_damaged(&content, &blanked, &format!("page {page} blanked"));
    }
}

#[test]
fn a_damaged_log_never_makes_a_panic_or_a_wrong_answer() {
    let folder = tempfile::tempdir().unwrap();
    let content = Content::new(60);
    let mut store = Store::create_or_open(folder.path(), &mut |_| ()).unwrap();
    content.put(&mut store).unwrap();
    content.put_history(&mut store);
    let [database, log] = ["store.db", "store.db-wal"].map(|name| fs::read(folder.path().join(name)).unwrap());
    let mut next = numbers(3);
    for _ in 0..60 {
        let (offset, bit) = (next(log.len()), next(8));
        let mut flipped = log.clone();
        flipped[offset] ^= 1 << bit;
        let damaged = tempfile::tempdir().unwrap();
        place(damaged.path(), "store.db", &database);
        place(damaged.path(), "store.db-wal", &flipped);
        // SQLite ends a log at its first bad frame: what remains is the store as it was before.
        let Ok(store) = Store::open(damaged.path()) else { continue };
        let what = format!("bit {bit} of byte {offset} of the log");
        let posts = store.posts().unwrap();
        assert!(posts.items.is_empty() || posts.items.len() == content.posts.len(), "{what}: a part of a batch");
        assert_eq!((posts.damaged, store.check()), (vec![], vec![]), "{what}");
    }
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures").join(name)
}

/// Stores as each format version wrote them. They are never made anew: a later format has a fixture of its own. That of
/// the newest is made by running this test with `NEXTREAD_MAKE_FIXTURES=1`.
#[test]
fn stores_of_every_format_open() {
    let (folder, content) = (tempfile::tempdir().unwrap(), Content::new(12));
    if std::env::var_os("NEXTREAD_MAKE_FIXTURES").is_some() {
        fs::copy(make(folder.path(), &content), fixture("store-v4.db")).unwrap();
    }
    for version in 1..=4 {
        let dir = folder.path().join(format!("copy-{version}"));
        fs::create_dir(&dir).unwrap();
        fs::copy(fixture(&format!("store-v{version}.db")), dir.join("store.db")).unwrap();
        check_old_store(&dir, version, &content);
    }
}

fn check_old_store(dir: &Path, version: usize, content: &Content) {
    let store = Store::create_or_open(dir, &mut |_| ()).unwrap();
    assert!(content.check(&store, &format!("format {version}")).unwrap());
    let without_links = if version < 3 { 12 } else { 0 };
    assert_eq!(store.count_without_links().unwrap(), without_links);
    assert_eq!(store.wishes().unwrap().items.len(), if version < 4 { 0 } else { 3 });
    assert_eq!(store.active_space().unwrap(), Some(space()));
    assert_eq!(store.provenance().unwrap().items, [provenance()]);
    let sources = store.sources().unwrap().items;
    assert_eq!((sources[0].spec.as_str(), sources[0].posts), ("kind = \"feed\"", 12));
}
