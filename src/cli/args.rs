//! What was typed?

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};

use super::answer_args::above_zero;
pub(super) use super::answer_args::{Choice, FallbackWord, Filters, LinkedWord};
use crate::sources::SiteKind;

/// What to read next: related posts and reading paths, offline.
#[derive(Debug, Parser)]
#[command(name = "nextread", version, about, max_term_width = 100, propagate_version = true)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(super) struct Global {
    /// The folder of the store [default: `.nextread` here or in a folder above]
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) store: Option<PathBuf>,
    /// The configuration file [default: `nextread.toml` here or in a folder above]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) config: Option<PathBuf>,
    /// The model: a known name or the folder of a sentence-transformer
    #[arg(long, global = true, value_name = "NAME|DIR")]
    pub(super) model: Option<String>,
    /// Never touch the network
    #[arg(long, global = true)]
    pub(super) offline: bool,
    /// Where the model runs
    #[arg(long, global = true, value_enum, value_name = "DEVICE")]
    pub(super) device: Option<DeviceWord>,
    /// How near vectors come to the model's own in 32-bit floats; less precise is faster [default: balanced]
    #[arg(long, global = true, value_enum, value_name = "PRECISION")]
    pub(super) precision: Option<PrecisionWord>,
    /// Threads for embedding and for building an index [default: all]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) threads: Option<u16>,
    /// What is searched: every post, or a graph of them [default: auto, the graph from 50000 posts]
    #[arg(long, global = true, value_enum, value_name = "KIND")]
    pub(super) index: Option<IndexWord>,
    /// The share of the nearest posts that the graph must find [default: 0.98]
    #[arg(long, global = true, value_name = "0..1", value_parser = super::settings::ratio)]
    pub(super) recall: Option<f32>,
    /// The form of the answer [default: table]
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    pub(super) format: Option<FormatWord>,
    /// The same as `--format json`
    #[arg(long, global = true, conflicts_with = "format")]
    pub(super) json: bool,
    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say more: which model, which store, every skipped record
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(super) verbose: u8,
}

/// The words of `--device`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DeviceWord {
    Cpu,
    Cuda,
    Metal,
    Auto,
}

/// The words of `--precision`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PrecisionWord {
    Exact,
    Balanced,
    Fast,
}

/// The words of `--index`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum IndexWord {
    Flat,
    Hnsw,
    Auto,
}

/// The words of `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatWord {
    Table,
    Json,
    Jsonl,
    Md,
    /// A page, of `guide` and `digest`
    Html,
    #[value(hide = true)]
    Hugo,
    #[value(hide = true)]
    Jekyll,
    #[value(hide = true)]
    Eleventy,
    #[value(hide = true)]
    Astro,
    #[value(hide = true)]
    Zola,
    #[value(hide = true)]
    FrontMatter,
    #[value(hide = true)]
    JsonFeed,
    #[value(hide = true)]
    Opml,
    #[value(hide = true)]
    Graphml,
    #[value(hide = true)]
    Dot,
    #[value(hide = true)]
    Mermaid,
}

/// Returns a word as it is typed.
pub(super) fn typed(word: impl ValueEnum + Copy) -> String {
    word.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Read posts, embed what is new or changed, and drop what is gone
    Index(Index),
    /// Posts related to one post
    Related(Related),
    /// Related links of every post, as files that site generators read
    Links(super::links::args::LinksArgs),
    /// How sound a site's links are: orphans, dead ends, hubs, missing links
    Audit(super::audit::AuditArgs),
    /// What to read after a reading history
    Next(Next),
    /// An order to read in: along a topic, to a post, from one post to another, or to begin with a source
    Path(PathArgs),
    /// Posts about some words
    Search(Search),
    /// Why one post is related to another, or why it is not shown
    Explain(Explain),
    /// What the posts are about: topics and sub-topics, named and counted
    Topics(TopicsArgs),
    /// A field guide to a source: what it is about, where to begin, when to read it, and when not
    Guide(GuideArgs),
    /// The posts of a week by topic, each with why it matters in its own words
    Digest(DigestArgs),
    /// Write the vectors of texts to a file
    Embed(Embed),
    /// Measure retrieval quality: test collections, your own links, orders, the index
    #[command(subcommand)]
    Eval(super::eval::args::Eval),
    /// Compare retrievers or runs: means with intervals, significance, the queries that moved
    Compare(super::eval::args::Compare),
    /// The posts that you have read
    #[command(subcommand)]
    History(History),
    /// The embedding model: where it is, fetch it, check it
    #[command(subcommand)]
    Model(Model),
    /// What the store holds
    Status,
    /// What is indexed: where it comes from, when it was fetched, what fails; `--format opml` lists the feeds
    Sources(super::sources::SourcesArgs),
    /// The settings in force and where each comes from
    Config,
    /// Index the corpus that comes with nextread and show what it can do
    Demo,
    /// Completions for a shell, on stdout
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Default, Args)]
pub(super) struct Index {
    /// Folders of Markdown, JSONL, JSON or feed files, URLs of feeds, pages or sitemaps, lists of feeds (OPML), or `-` for
    /// stdin [default: every source indexed before]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(super) paths: Vec<PathBuf>,
    /// Read our fields from others of the records, such as `text=body,id=slug`
    #[arg(long, value_name = "OURS=THEIRS,…", requires = "paths")]
    pub(super) map: Option<String>,
    /// Name the publication [default: what the records, the feed or the folder say]
    #[arg(long, value_name = "NAME", requires = "paths")]
    pub(super) source: Option<String>,
    /// Put this before every id, to keep two sources apart
    #[arg(long, value_name = "TEXT", requires = "paths")]
    pub(super) id_prefix: Option<String>,
    /// Take the first heading for the title where front matter has none
    #[arg(long, requires = "paths")]
    pub(super) title_from_heading: bool,
    /// Index drafts too
    #[arg(long, requires = "paths")]
    pub(super) drafts: bool,
    /// Index posts dated in the future too
    #[arg(long, requires = "paths")]
    pub(super) future: bool,
    /// Fetch from this host though its address is not public or its port unusual, such as localhost:4000; repeatable
    #[arg(long, value_name = "HOST[:PORT]", requires = "paths", value_parser = allowed)]
    pub(super) allow_private: Vec<String>,
    /// The most pages of a sitemap [default: 500]
    #[arg(long, value_name = "N", requires = "paths", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) pages: Option<u32>,
    /// Fetch the pages of a feed's posts that come without a body
    #[arg(long, requires = "paths")]
    pub(super) full_text: bool,
    /// Try sources at once that are left alone because they failed too often
    #[arg(long)]
    pub(super) retry: bool,
    /// Index posts that have expired too
    #[arg(long, requires = "paths")]
    pub(super) expired: bool,
    /// Read a folder by this generator's rules [default: told by its configuration]
    #[arg(long, value_name = "NAME", value_parser = site_kinds(), requires = "paths")]
    pub(super) site_kind: Option<String>,
    /// Fail, and change nothing, if any record is bad
    #[arg(long)]
    pub(super) strict: bool,
    /// Remove posts that are gone even if the source could not be read in full, or is empty now
    #[arg(long)]
    pub(super) prune: bool,
    /// Drop the end of texts that the model cannot take in one window, instead of embedding several windows
    #[arg(long)]
    pub(super) truncate: bool,
    /// Stay, and index again whenever a file changes, until Ctrl-C
    #[arg(long)]
    pub(super) watch: bool,
}

fn allowed(text: &str) -> Result<String, crate::fetch::AllowedError> {
    crate::fetch::Allowed::parse(text).map(|allowed| allowed.to_string())
}

#[derive(Debug, Args)]
pub(super) struct Related {
    /// An id, URL, path, title, or the beginning of an id
    #[arg(value_name = "POST", required_unless_present = "draft", conflicts_with = "draft")]
    pub(super) post: Option<String>,
    /// A file that is not indexed, such as a draft: what is related to it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) draft: Option<PathBuf>,
    /// What fills a list that is too short, marked as such: nothing, posts of the same section, the newest [default: none]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) fallback: Option<FallbackWord>,
    /// Posts that link to it or that it links to: prefer them, ignore the links, or leave out what it links to [default: prefer]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) linked: Option<LinkedWord>,
    #[command(flatten)]
    pub(super) choice: Choice,
    #[command(flatten)]
    pub(super) filters: Filters,
}

#[derive(Debug, Args)]
pub(super) struct Next {
    /// Posts that you have read, oldest first [default: `nextread history`]
    #[arg(long, value_name = "POST", num_args = 1.., conflicts_with = "history")]
    pub(super) read: Vec<String>,
    /// A file of posts that you have read: ids or URLs a line, CSV, JSON lines, OPML, or an export of Pocket, wallabag,
    /// Omnivore, Karakeep or Instapaper; `-` for stdin
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) history: Option<PathBuf>,
    /// Posts that you did not like: nothing that is nearer to them than to what you liked
    #[arg(long, value_name = "POST", num_args = 1..)]
    pub(super) dislike: Vec<String>,
    /// More about this, in words
    #[arg(long, value_name = "WORDS")]
    pub(super) more: Vec<String>,
    /// Less about this, in words
    #[arg(long, value_name = "WORDS")]
    pub(super) less: Vec<String>,
    /// A file that is not indexed, such as a draft: more about what it is about
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) draft: Option<PathBuf>,
    /// After so many further reads a read counts half; `inf`: all the same [default: 30]
    #[arg(long, value_name = "READS", value_parser = above_zero)]
    pub(super) half_life: Option<f32>,
    /// Prefer new posts: so many days before the newest one a post counts half
    #[arg(long, value_name = "DAYS", value_parser = above_zero)]
    pub(super) fresh: Option<f32>,
    /// Shuffle posts that score the same to two decimals, the same way for the same seed
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// 0 (pure relevance) to 1 (relevance times novelty)
    #[arg(long, value_name = "0..1", value_parser = super::settings::ratio)]
    pub(super) surprise: Option<f32>,
    /// What fills a list that is too short, marked as such: nothing, posts of the same section, the newest [default: none]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) fallback: Option<FallbackWord>,
    #[command(flatten)]
    pub(super) choice: Choice,
    #[command(flatten)]
    pub(super) filters: Filters,
}

#[derive(Debug, Args)]
pub(super) struct PathArgs {
    /// Words that name a topic
    #[arg(
        value_name = "TOPIC",
        num_args = 1..,
        required_unless_present_any = ["from", "goal", "start_here"],
        conflicts_with_all = ["from", "goal", "start_here"]
    )]
    pub(super) topic: Vec<String>,
    /// The post to begin with; goes with --to
    #[arg(long, value_name = "POST", requires = "to")]
    pub(super) from: Option<String>,
    /// The post to end with; goes with --from
    #[arg(long, value_name = "POST", requires = "from")]
    pub(super) to: Option<String>,
    /// The post to understand: what to read before it
    #[arg(long, value_name = "POST", conflicts_with_all = ["from", "to", "start_here"])]
    pub(super) goal: Option<String>,
    /// A guided tour of a source, or of everything: central posts, one for each of its corners
    #[arg(long, value_name = "SOURCE", num_args = 0..=1, conflicts_with_all = ["from", "to"])]
    pub(super) start_here: Option<Option<String>>,
    /// The most minutes of reading in all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) minutes: Option<u32>,
    #[command(flatten)]
    pub(super) choice: Choice,
}

#[derive(Debug, Args)]
pub(super) struct TopicsArgs {
    /// Only the posts of this source
    #[arg(long, value_name = "NAME")]
    pub(super) source: Option<String>,
    /// The most topics to show [default: all]
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) limit: Option<u16>,
}

#[derive(Debug, Args)]
pub(super) struct GuideArgs {
    /// The source, as answers name it [default: all posts]
    #[arg(value_name = "SOURCE")]
    pub(super) source: Option<String>,
    /// Compare with this source
    #[arg(long, value_name = "SOURCE")]
    pub(super) versus: Option<String>,
    /// The most steps of the way to begin with [default: 7]
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) limit: Option<u16>,
}

#[derive(Debug, Args)]
pub(super) struct DigestArgs {
    /// The week, Monday to Sunday, such as 2026-W10 [default: that of the newest post]
    #[arg(long, value_name = "YYYY-Www", conflicts_with_all = ["from", "to"])]
    pub(super) week: Option<String>,
    /// The first day; goes with --to
    #[arg(long, value_name = "YYYY-MM-DD", requires = "to")]
    pub(super) from: Option<String>,
    /// The last day; goes with --from
    #[arg(long, value_name = "YYYY-MM-DD", requires = "from")]
    pub(super) to: Option<String>,
    /// Only the posts of this source
    #[arg(long, value_name = "NAME")]
    pub(super) source: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Search {
    /// What the posts should be about
    #[arg(value_name = "WORDS", required = true)]
    pub(super) words: Vec<String>,
    /// What fills a list that is too short, marked as such: nothing, posts of the same section, the newest [default: none]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) fallback: Option<FallbackWord>,
    #[command(flatten)]
    pub(super) choice: Choice,
    #[command(flatten)]
    pub(super) filters: Filters,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The post that was read
    #[arg(value_name = "POST")]
    pub(super) query: String,
    /// The post that is, or is not, recommended for it
    #[arg(value_name = "OTHER")]
    pub(super) post: String,
    /// As for `related`
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) linked: Option<LinkedWord>,
    #[command(flatten)]
    pub(super) choice: Choice,
    #[command(flatten)]
    pub(super) filters: Filters,
}

#[derive(Debug, Args)]
pub(super) struct Embed {
    /// The texts: JSON lines with title and text, or a folder with such a corpus.jsonl; `-` for stdin
    #[arg(value_name = "TEXTS", value_hint = ValueHint::AnyPath)]
    pub(super) texts: PathBuf,
    /// Where the vectors go: a .npy file, one row a text
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) output: PathBuf,
    /// Drop the end of texts that the model cannot take in one window, instead of embedding several windows
    #[arg(long)]
    pub(super) truncate: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum History {
    /// Add posts that you have just read
    Add {
        /// Ids, URLs, paths, titles, or beginnings of ids
        #[arg(value_name = "POST", required = true)]
        posts: Vec<String>,
        /// How you liked them, on a scale of your own that ends at 1, 5, 10 or 100; two fifths of it and less is disliked
        #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
        rating: Option<f32>,
    },
    /// Show what you have read, oldest first
    List,
    /// Add what a file says: ids or URLs a line, CSV with a header (url or id, read_at, rating), JSON lines, OPML, or an
    /// export of Pocket, wallabag, Omnivore, Karakeep or Instapaper
    Import {
        /// The file, or `-` for stdin
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// Forget posts that you have read
    Remove {
        /// Ids, URLs, paths, titles, or beginnings of ids
        #[arg(value_name = "POST", required = true)]
        posts: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Model {
    /// The models that nextread knows, and whether they are here
    List,
    /// Fetch a model and check it
    Pull {
        /// The model's name
        name: Option<String>,
    },
    /// Check every file of the model against its manifest
    Verify,
    /// Print the folder of the model in use
    Path,
}

/// Returns the names of the generators whose rules are known.
fn site_kinds() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(SiteKind::ALL.map(SiteKind::as_str))
}
