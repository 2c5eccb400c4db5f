//! How fast are texts embedded? Word pieces a second over given texts, and the wait for one short query.
//!
//! `cargo bench --bench embed -- --threads 1,2 --record benches/record`
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a bench reports to its user")]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use nextread::embed::{BatchSize, CandleEmbedder, Embedder, OpenOptions};

#[path = "../tests/it/model_folder.rs"]
mod model_folder;

const HEADER: &str = "date,commit,cpu,contender,texts,n_texts,tokens,threads,runs,tokens_per_s_median,tokens_per_s_min,\
                      tokens_per_s_max,tokens_per_cpu_s_median,texts_per_s_median,query_ms_median,load_ms";

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
    /// Word pieces a batch [default: as the library chooses].
    #[arg(long)]
    batch: Option<NonZeroUsize>,
    /// Runs of which the median is reported.
    #[arg(long, default_value = "3")]
    runs: NonZeroUsize,
    /// Folder that keeps the records; a row each is added to `<cpu>/<date>.csv`.
    #[arg(long)]
    record: Option<PathBuf>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let texts = read_texts(&args.texts)?;
    let called = args.called.clone().unwrap_or_else(|| file_name(&args.texts));
    let cpu = cpu_name();
    println!("{called}: {} texts on {cpu}", texts.len());
    for &threads in &args.threads {
        let measured = measure(&texts, threads, &args)?;
        let row = measured.row(&called, texts.len(), threads, &cpu);
        println!("{threads} threads: {}", measured.sentence(texts.len()));
        if let Some(folder) = &args.record {
            println!("recorded in {}", append(folder, &cpu, &row)?.display());
        }
    }
    Ok(())
}

struct Measured {
    tokens: usize,
    load_ms: f64,
    /// Wall-clock seconds a run, ascending.
    seconds: Vec<f64>,
    /// Seconds of processor time a run, ascending; 0 where the system does not tell.
    cpu_seconds: Vec<f64>,
    query_ms: f64,
}

fn measure(texts: &[String], threads: NonZeroUsize, args: &Args) -> Result<Measured> {
    let start = Instant::now();
    let batch = args.batch.map_or(BatchSize::ByDevice, BatchSize::Tokens);
    let options = OpenOptions { threads, batch, ..OpenOptions::default() };
    let embedder = CandleEmbedder::open(&model_folder::model_folder(), &options)?;
    let load_ms = start.elapsed().as_secs_f64() * 1e3;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    // The first pages of the weights and the threads are touched here, outside of the measurement.
    embedder.embed(&texts[..texts.len().min(16)])?;
    let (mut tokens, mut seconds, mut cpu_seconds) = (0, Vec::new(), Vec::new());
    for _ in 0..args.runs.get() {
        let (start, cpu_start) = (Instant::now(), cpu_time());
        tokens = embedder.embed_with(&texts, &mut |_| ())?.tokens.iter().sum();
        seconds.push(start.elapsed().as_secs_f64());
        cpu_seconds.push(cpu_time() - cpu_start);
    }
    let mut queries = Vec::new();
    for _ in 0..50 {
        let start = Instant::now();
        embedder.embed(&["how do other teams split a database without downtime"])?;
        queries.push(start.elapsed().as_secs_f64() * 1e3);
    }
    for times in [&mut seconds, &mut cpu_seconds, &mut queries] {
        times.sort_by(f64::total_cmp);
    }
    Ok(Measured { tokens, load_ms, seconds, cpu_seconds, query_ms: median(&queries) })
}

impl Measured {
    fn rate(&self, seconds: f64) -> f64 {
        self.tokens as f64 / seconds
    }

    fn sentence(&self, n_texts: usize) -> String {
        let (fast, slow) = (self.seconds[0], self.seconds[self.seconds.len() - 1]);
        format!(
            "{:.0} tokens/s ({:.0} to {:.0} in {} runs), {:.1} texts/s; a short query {:.1} ms; loading {:.0} ms",
            self.rate(median(&self.seconds)),
            self.rate(slow),
            self.rate(fast),
            self.seconds.len(),
            n_texts as f64 / median(&self.seconds),
            self.query_ms,
            self.load_ms,
        )
    }

    fn row(&self, called: &str, n_texts: usize, threads: NonZeroUsize, cpu: &str) -> String {
        let (fast, slow, middle) = (self.seconds[0], self.seconds[self.seconds.len() - 1], median(&self.seconds));
        let cpu_rate = match median(&self.cpu_seconds) {
            0.0 => String::new(),
            seconds => format!("{:.0}", self.rate(seconds)),
        };
        let mut row =
            format!("{},{},{cpu:?},nextread candle f32,{called:?}", chrono::Utc::now().date_naive(), commit());
        let _ = write!(
            row,
            ",{n_texts},{},{threads},{},{:.0},{:.0},{:.0},{cpu_rate},{:.1},{:.1},{:.0}",
            self.tokens,
            self.seconds.len(),
            self.rate(middle),
            self.rate(slow),
            self.rate(fast),
            n_texts as f64 / middle,
            self.query_ms,
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
