//! How fast are texts embedded? Word pieces a second over given texts, and the wait for one short query.
//!
//! `cargo bench --bench embed -- --threads 1,2 --precision exact,balanced,fast --record benches/record`
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a bench reports to its user")]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::{Parser, ValueEnum};
use nextread::embed::{self, BatchSize, CandleEmbedder, Embedder, OpenOptions};
use nextread::embeddings::{Embeddings, Precision};
use nextread::similarity::Isa;

#[path = "../tests/it/model_folder.rs"]
mod model_folder;

const HEADER: &str = "date,commit,cpu,contender,texts,n_texts,tokens,threads,runs,tokens_per_s_median,tokens_per_s_min,\
                      tokens_per_s_max,tokens_per_cpu_s_median,texts_per_s_median,query_ms_median,load_ms";

/// Short queries that are timed.
const QUERIES: usize = 200;

#[derive(Parser)]
#[command(about = "Measures how fast texts are embedded")]
struct Args {
    /// JSONL with a field `text` or `summary`.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data/engineering-reads.jsonl"))]
    texts: PathBuf,
    /// What the record calls these texts [default: the file's name].
    #[arg(long)]
    called: Option<String>,
    /// Numbers of threads to measure, one after the other.
    #[arg(long, value_delimiter = ',', default_value = "1")]
    threads: Vec<NonZeroUsize>,
    /// How near to the model in floats, one after the other: exact, balanced, fast.
    #[arg(long, value_delimiter = ',', value_parser = precision, default_value = "exact,balanced,fast")]
    precision: Vec<Precision>,
    /// Which encoder.
    #[arg(long, value_enum, default_value = "packed")]
    encoder: Encoder,
    /// The fastest instruction set that the packed encoder may use, such as avx2 [default: the best there is].
    #[arg(long, value_parser = isa)]
    isa: Option<Isa>,
    /// Word pieces a batch [default: as the library chooses].
    #[arg(long)]
    batch: Option<NonZeroUsize>,
    /// Runs of which the median is reported.
    #[arg(long, default_value = "3")]
    runs: NonZeroUsize,
    /// Folder that keeps the records; a row each is added to `<cpu>/<date>.csv`.
    #[arg(long)]
    record: Option<PathBuf>,
    /// Prints a JSON object a measurement and nothing else.
    #[arg(long)]
    json: bool,
    /// Writes the vectors of the last measurement to a file: floats of 32 bits, little-endian, row by row.
    #[arg(long)]
    vectors: Option<PathBuf>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Encoder {
    /// The packed encoder, as every command uses it.
    Packed,
    /// candle, as GPUs and unusual models use it.
    Candle,
}

fn precision(word: &str) -> Result<Precision> {
    Precision::parse(word).with_context(|| format!("{word}: exact, balanced or fast"))
}

fn isa(word: &str) -> Result<Isa> {
    let names = Isa::ALL.map(Isa::as_str).join(", ");
    Isa::parse(word).with_context(|| format!("{word}: one of {names}"))
}

fn main() -> Result<()> {
    let args = Args::parse();
    let texts = read_texts(&args.texts)?;
    let called = args.called.clone().unwrap_or_else(|| file_name(&args.texts));
    let cpu = cpu_name();
    if !args.json {
        println!("{called}: {} texts on {cpu}", texts.len());
    }
    let precisions = if args.encoder == Encoder::Candle { &[Precision::Exact] } else { args.precision.as_slice() };
    for (&threads, &precision) in args.threads.iter().flat_map(|threads| precisions.iter().map(move |p| (threads, p))) {
        let measured = measure(&texts, threads, precision, &args)?;
        if args.json {
            println!("{}", measured.json(texts.len(), threads));
        } else {
            println!("{threads} threads, {}: {}", measured.engine, measured.sentence(texts.len()));
        }
        if let Some(path) = &args.vectors {
            let bytes: Vec<u8> = measured.vectors.as_slice().iter().flat_map(|value| value.to_le_bytes()).collect();
            let mut file = fs::File::create(path).with_context(|| format!("{}: cannot be written", path.display()))?;
            file.write_all(&bytes)?;
        }
        if let Some(folder) = &args.record {
            let row = measured.row(&called, texts.len(), threads, &cpu);
            println!("recorded in {}", append(folder, &cpu, &row)?.display());
        }
    }
    Ok(())
}

struct Measured {
    engine: String,
    vectors: Embeddings,
    tokens: usize,
    load_ms: f64,
    /// Wall-clock seconds a run, ascending.
    seconds: Vec<f64>,
    /// Of these, seconds until the texts were cut into word pieces, ascending.
    cut_seconds: Vec<f64>,
    /// Seconds of processor time a run, ascending; 0 where the system does not tell.
    cpu_seconds: Vec<f64>,
    /// Milliseconds a short query, ascending.
    queries: Vec<f64>,
}

fn open(threads: NonZeroUsize, precision: Precision, args: &Args) -> Result<Box<dyn Embedder>> {
    let batch = args.batch.map_or(BatchSize::ByDevice, BatchSize::Tokens);
    let options = OpenOptions { threads, batch, precision, fastest: args.isa, ..OpenOptions::default() };
    let folder = model_folder::model_folder();
    Ok(match args.encoder {
        Encoder::Packed => embed::open(&folder, &options)?,
        Encoder::Candle => Box::new(CandleEmbedder::open(&folder, &options)?),
    })
}

fn measure(texts: &[String], threads: NonZeroUsize, precision: Precision, args: &Args) -> Result<Measured> {
    let start = Instant::now();
    let embedder = open(threads, precision, args)?;
    let load_ms = start.elapsed().as_secs_f64() * 1e3;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    // The first pages of the weights and the threads are touched here, outside of the measurement.
    embedder.embed(&texts[..texts.len().min(16)])?;
    let (mut embedded, mut seconds, mut cut_seconds, mut cpu_seconds) = (None, Vec::new(), Vec::new(), Vec::new());
    for _ in 0..args.runs.get() {
        let (start, cpu_start) = (Instant::now(), cpu_time());
        let mut cut = None;
        // What is told first is that the texts are cut.
        embedded = Some(embedder.embed_with(&texts, &mut |_| _ = cut.get_or_insert_with(|| start.elapsed()))?);
        cut_seconds.push(cut.context("progress is told")?.as_secs_f64());
        seconds.push(start.elapsed().as_secs_f64());
        cpu_seconds.push(cpu_time() - cpu_start);
    }
    let embedded = embedded.context("one run at least")?;
    let mut queries = Vec::new();
    for _ in 0..QUERIES {
        let start = Instant::now();
        embedder.embed(&["how do other teams split a database without downtime"])?;
        queries.push(start.elapsed().as_secs_f64() * 1e3);
    }
    for times in [&mut seconds, &mut cut_seconds, &mut cpu_seconds, &mut queries] {
        times.sort_by(f64::total_cmp);
    }
    let tokens = embedded.tokens.iter().sum();
    let (engine, vectors) = (embedder.engine().to_string(), embedded.embeddings);
    Ok(Measured { engine, vectors, tokens, load_ms, seconds, cut_seconds, cpu_seconds, queries })
}

impl Measured {
    fn rate(&self, seconds: f64) -> f64 {
        self.tokens as f64 / seconds
    }

    fn json(&self, n_texts: usize, threads: NonZeroUsize) -> serde_json::Value {
        serde_json::json!({
            "engine": self.engine, "n_texts": n_texts, "tokens": self.tokens, "threads": threads, "load_ms": self.load_ms,
            "seconds": self.seconds, "cut_seconds": self.cut_seconds, "query_ms": self.queries, "peak_rss_mb": peak_rss_mb(),
        })
    }

    fn sentence(&self, n_texts: usize) -> String {
        let (fast, slow) = (self.seconds[0], self.seconds[self.seconds.len() - 1]);
        format!(
            "{:.0} tokens/s ({:.0} to {:.0} in {} runs), {:.1} texts/s, {:.1} % of the time for word pieces; a \
             short query {:.2} ms; loading {:.0} ms",
            self.rate(median(&self.seconds)),
            self.rate(slow),
            self.rate(fast),
            self.seconds.len(),
            n_texts as f64 / median(&self.seconds),
            100.0 * median(&self.cut_seconds) / median(&self.seconds),
            median(&self.queries),
            self.load_ms,
        )
    }

    fn row(&self, called: &str, n_texts: usize, threads: NonZeroUsize, cpu: &str) -> String {
        let (fast, slow, middle) = (self.seconds[0], self.seconds[self.seconds.len() - 1], median(&self.seconds));
        let cpu_rate = match median(&self.cpu_seconds) {
            0.0 => String::new(),
            seconds => format!("{:.0}", self.rate(seconds)),
        };
        let mut row = format!(
            "{},{},{cpu:?},{:?},{called:?}",
            chrono::Utc::now().date_naive(),
            commit(),
            format!("nextread {}", self.engine)
        );
        let _ = write!(
            row,
            ",{n_texts},{},{threads},{},{:.0},{:.0},{:.0},{cpu_rate},{:.1},{:.2},{:.0}",
            self.tokens,
            self.seconds.len(),
            self.rate(middle),
            self.rate(slow),
            self.rate(fast),
            n_texts as f64 / middle,
            median(&self.queries),
            self.load_ms,
        );
        row
    }
}

fn median(sorted: &[f64]) -> f64 {
    (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0
}

fn read_texts(path: &Path) -> Result<Vec<String>> {
    let file =
        fs::read_to_string(path).with_context(|| format!("{}: cannot be read; pass --texts FILE", path.display()))?;
    let mut texts = Vec::new();
    for (number, line) in file.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = || format!("{}:{}", path.display(), number + 1);
        let record: serde_json::Value = serde_json::from_str(line).with_context(place)?;
        let text = record.get("text").or_else(|| record.get("summary")).and_then(serde_json::Value::as_str);
        texts.push(text.with_context(|| format!("{}: no field text or summary", place()))?.to_owned());
    }
    ensure!(!texts.is_empty(), "{}: holds no text; pass --texts FILE", path.display());
    Ok(texts)
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Names the processor, with its family and model where the name alone says little.
fn cpu_name() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    };
    match (field("model name"), field("cpu family"), field("model")) {
        (Some(name), Some(family), Some(model)) => format!("{name} family {family} model {model}"),
        (Some(name), ..) => name,
        _ => std::env::consts::ARCH.to_owned(),
    }
}

/// Returns the processor time of this process so far, in seconds, to a hundredth; 0 where `/proc` is not there.
fn cpu_time() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field, the program's name, may hold spaces: count from its closing bracket (proc(5)).
    let fields = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Returns the commit that was measured, with a `+` if the tree has changes.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|changes| !changes.is_empty());
    let head = git(&["rev-parse", "--short=10", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    format!("{head}{}", if changed { "+" } else { "" })
}

/// Returns the most memory that this process had at once, in millions of bytes; 0 where `/proc` does not tell.
fn peak_rss_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok()).unwrap_or(0.0) * 1.024e-3
}

/// Adds `row` to today's record of this processor and returns the file.
fn append(folder: &Path, cpu: &str, row: &str) -> Result<PathBuf> {
    let words: Vec<String> = cpu
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let folder = folder.join(words.join("-"));
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let path = folder.join(format!("{}.csv", chrono::Utc::now().date_naive()));
    let mut file = fs::OpenOptions::new().create(true).append(true).open(&path)?;
    if file.metadata()?.len() == 0 {
        writeln!(file, "{HEADER}")?;
    }
    writeln!(file, "{row}")?;
    Ok(path)
}
