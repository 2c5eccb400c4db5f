//! What was typed after `eval` and `compare`?

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use crate::index::{Builder, HnswOptions};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Eval {
    /// Search public test collections and measure the rankings
    Beir(Beir),
    /// Measure a run against judgments
    Run(RunArgs),
    /// Compare the similarity of two texts with people's scores
    Sts(Sts),
    /// Measure related posts against a site's own links, series, tags and related lists
    Links(Links),
    /// Measure a reading order against a known one
    Paths(Paths),
    /// Measure `next` against what readers went on to read
    Next(NextArgs),
    /// Measure the HNSW index against the exact one: recall, queries a second, build time, memory
    Index(IndexArgs),
}

/// How a ranking is measured.
#[derive(Debug, Args)]
pub(in crate::cli) struct Measuring {
    /// Measures, such as nDCG@10,R@100,RBP(p=0.8)
    #[arg(short, long, value_name = "MEASURE,…", default_value = "nDCG@10,AP@100,R@100,RR@10")]
    pub(in crate::cli) measures: String,
    /// Which of two equal scores comes first
    #[arg(long, value_enum, value_name = "RULE", default_value_t = TiesWord::Id)]
    pub(in crate::cli) ties: TiesWord,
}

/// The words of `--ties`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TiesWord {
    /// The smaller id, as everywhere in nextread
    Id,
    /// The larger id, and scores compared as 32-bit numbers
    TrecEval,
}

/// How a collection is searched.
#[derive(Debug, Args)]
pub(in crate::cli) struct Searching {
    /// Answers a query, at most [default: 100, or as deep as a measure looks]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) depth: Option<u16>,
    /// Which judgments: the name of a file in qrels/
    #[arg(long, value_name = "NAME", default_value = "test")]
    pub(in crate::cli) split: String,
    /// Whether a post is taken out of its own answers [default: where every query is a post]
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ExcludeSelf::Auto)]
    pub(in crate::cli) exclude_self: ExcludeSelf,
    /// Ask only the first N judged queries
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) limit_queries: Option<u32>,
    /// Drop the end of texts above the model's limit, as published figures do, instead of embedding several windows
    #[arg(long)]
    pub(in crate::cli) truncate: bool,
}

/// The words of `--exclude-self`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ExcludeSelf {
    /// Where every query has the id of a post and its title or its whole text
    Auto,
    /// Always
    Yes,
    /// Never
    No,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Beir {
    /// Folders with corpus.jsonl, queries.jsonl and qrels/
    #[arg(value_name = "DIR", required = true, value_hint = ValueHint::DirPath)]
    pub(in crate::cli) folders: Vec<PathBuf>,
    /// Retrievers, after the folders or with commas, such as dense,hnsw:ef_search=50,bm25:language=english,nextread
    #[arg(long, value_name = "NAME[:KEY=VALUE,…]", num_args = 1.., default_values = ["dense"])]
    pub(in crate::cli) retriever: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) searching: Searching,
    #[command(flatten)]
    pub(in crate::cli) measuring: Measuring,
    /// Write the runs to DIR/<retriever>/<collection>.run, with their provenance beside
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(in crate::cli) save: Option<PathBuf>,
    /// Write every query's values to a CSV file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) per_query: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RunArgs {
    /// Runs: TREC (six columns) or JSON {query: {post: score}}; `.gz` too
    #[arg(value_name = "RUN", required = true, value_hint = ValueHint::FilePath)]
    pub(in crate::cli) runs: Vec<PathBuf>,
    /// Judgments: TREC (four columns), BEIR (three, with a header) or JSON {query: {post: grade}}; `.gz` too
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) qrels: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) measuring: Measuring,
    /// Write every query's values to a CSV file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) per_query: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Sts {
    /// Pairs of texts with a score: TSV, CSV or JSON lines; `.gz` too
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// Drop the end of texts above the model's limit, as published figures do, instead of embedding several windows
    #[arg(long)]
    pub(in crate::cli) truncate: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Links {
    /// Folders or files of posts [default: every source indexed before]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// Against what [default: all that the posts have]
    #[arg(long, value_enum, value_name = "KIND,…", value_delimiter = ',')]
    pub(in crate::cli) by: Vec<LinkKind>,
    /// A file of hand-made related posts: from and to, tab-separated with a header
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) related: Option<PathBuf>,
    /// Retrievers, after the paths or with commas, such as nextread,dense,bm25,hybrid
    #[arg(long, value_name = "NAME[:KEY=VALUE,…]", num_args = 1.., default_values = ["nextread"])]
    pub(in crate::cli) retriever: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) measuring: Measuring,
    /// Answers a post in the measures of whole lists (diversity, novelty, coverage, Gini)
    #[arg(short = 'n', long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) limit: u16,
    /// Write the judgments to DIR/<kind>.qrels and the runs to DIR/<retriever>/<kind>.run
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(in crate::cli) save: Option<PathBuf>,
}

/// The words of `--by`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LinkKind {
    /// Links in the posts' bodies, their words hidden from the ranking
    Links,
    /// Posts of one series
    Series,
    /// Posts that share tags, the tags hidden from the ranking
    Tags,
    /// Related lists made by hand, in front matter or by --related
    Related,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Paths {
    /// The known order: one id a line, JSON lines with id and position, or a table of item and needs_first
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub(in crate::cli) file: PathBuf,
    /// The posts: a JSON-lines file or a folder [default: the store]
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) posts: Option<PathBuf>,
    /// Measure this order, one id a line, instead of ours
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) order: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct NextArgs {
    /// JSON lines of {"read": [ids], "next": [ids]}; for several interests next is a list of lists
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) file: PathBuf,
    /// The posts: a JSON-lines file or a folder [default: the store]
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) posts: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) measuring: Measuring,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct IndexArgs {
    /// Vectors: a .npy file, or texts to embed (a BEIR folder or JSON lines) [default: the store's]
    #[arg(value_name = "PATH", conflicts_with = "random", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) path: Option<PathBuf>,
    /// Make N clustered random vectors instead
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(10..))]
    pub(in crate::cli) random: Option<u32>,
    /// Search for these vectors, a .npy file, and index all of PATH
    #[arg(long, value_name = "FILE", conflicts_with = "queries", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) query_vectors: Option<PathBuf>,
    /// Neighbors to find
    #[arg(short, long, value_name = "K", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) k: u16,
    /// Vectors that are kept out of the index and searched for
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) queries: u32,
    /// Links a node
    #[arg(long = "m", value_name = "M", default_value_t = 16, value_parser = clap::value_parser!(u8).range(2..))]
    pub(in crate::cli) m: u8,
    /// How much nearer another link must be for a link to be left out, 1 to 2
    #[arg(long, value_name = "1..2", default_value_t = HnswOptions::default().alpha)]
    pub(in crate::cli) alpha: f32,
    /// What builds the graph
    #[arg(long, value_name = "NAME", default_value = Builder::default().as_str(), value_parser = builder)]
    pub(in crate::cli) builder: Builder,
    /// Beam while building, where nodes are inserted one by one
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) ef_construction: u16,
    /// Beams while searching [default: 10,20,40,80,160,320,640]
    #[arg(long, value_name = "N,…", value_delimiter = ',', hide_default_value = true, default_values_t = [10u16, 20, 40, 80, 160, 320, 640])]
    pub(in crate::cli) ef_search: Vec<u16>,
    /// Find the exact neighbors of every vector too, and take the time
    #[arg(long)]
    pub(in crate::cli) all_pairs: bool,
    /// Search too where only these shares of the vectors may be answered
    #[arg(long, value_name = "0..1,…", value_delimiter = ',', value_parser = share)]
    pub(in crate::cli) among: Vec<f64>,
    /// Search too after this share was inserted and as many deleted since the graph was built, and a fresh graph
    #[arg(long, value_name = "0..1", value_parser = share)]
    pub(in crate::cli) changed: Option<f64>,
    /// What chance begins with
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) seed: u64,
    /// Write a report with the recall-QPS curve
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) html: Option<PathBuf>,
}

/// Reads a share that is above 0.
fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| *share > 0.0 && *share <= 1.0);
    share.ok_or_else(|| "must be a number above 0, up to 1".to_owned())
}

fn builder(name: &str) -> Result<Builder, String> {
    let names = Builder::ALL.map(Builder::as_str).join(", ");
    Builder::named(name).ok_or_else(|| format!("use one of {names}"))
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Compare {
    /// Retrievers (dense, bm25, hybrid, …), run files, or folders of runs as `eval beir --save` writes them
    #[arg(value_name = "SYSTEM", num_args = 2.., required = true)]
    pub(in crate::cli) systems: Vec<String>,
    /// Test collections, after the systems: folders with corpus.jsonl, queries.jsonl and qrels/
    #[arg(long, value_name = "DIR", num_args = 1.., value_hint = ValueHint::DirPath)]
    pub(in crate::cli) on: Vec<PathBuf>,
    /// Judgments for run files, where there is no collection
    #[arg(long, value_name = "FILE", conflicts_with = "on", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) qrels: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) searching: Searching,
    #[command(flatten)]
    pub(in crate::cli) measuring: Measuring,
    /// Random sign changes in the randomisation test
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(100..))]
    pub(in crate::cli) permutations: u32,
    /// What chance begins with
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) seed: u64,
    /// Show this many of the queries that moved most
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(in crate::cli) moved: usize,
    /// Write one self-contained HTML page with plots
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) html: Option<PathBuf>,
    /// Write a LaTeX table
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) latex: Option<PathBuf>,
}
