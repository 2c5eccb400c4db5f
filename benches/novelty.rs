//! How fast is novelty? Each of many candidates against a reading history, the largest and the mean similarity: from nested
//! loops to the block kernels of each instruction set.
//!
//! `cargo bench --bench novelty -- --candidates 1000 --history 200`; one thread, vectors around random centers.
#![allow(clippy::print_stdout, reason = "a bench reports to its user")]
#![allow(unsafe_code, reason = "the gemm crate takes pointers")]

use std::hint::black_box;
use std::time::Instant;

use clap::Parser;
use nextread::corpus::Corpus;
use nextread::embeddings::Embeddings;
use nextread::post::{Post, PostId, Summary, SummaryOrigin};
use nextread::recommender::{NextOptions, Reader, Recommender};
use nextread::similarity::{Bits, BlockRows, Codes, History, Isa, Kernels};

/// Candidates of a block for the gemm crate, whose products stay in a near cache.
const GEMM_ROWS: usize = 48;

#[derive(Parser)]
#[command(about = "Measures candidates against a reading history")]
struct Args {
    /// How many candidates.
    #[arg(long, default_value = "1000")]
    candidates: usize,
    /// How many posts were read.
    #[arg(long, default_value = "200")]
    history: usize,
    /// Components of a vector.
    #[arg(long, default_value = "384")]
    dimension: usize,
    /// Interleaved rounds; a median of their medians is shown, and the least and the most of them.
    #[arg(long, default_value = "5")]
    rounds: usize,
    /// What one core can do in floats of 32 bits, in GFLOP/s.
    #[arg(long, default_value = "248")]
    peak_floats: f64,
    /// What one core can do in bytes, in G operations a second.
    #[arg(long, default_value = "1003")]
    peak_bytes: f64,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// For each candidate the largest and the mean similarity.
type Found = Vec<(f64, f64)>;

/// What a contender's operations are made of, and how many of them it needs for a pair's component.
#[derive(Clone, Copy, PartialEq)]
enum Work {
    Floats,
    Bytes,
    /// The mean alone: one product a candidate instead of one a pair.
    Mean,
}

struct Contender<'a> {
    name: String,
    work: Work,
    run: Box<dyn Fn() -> Found + 'a>,
    medians: Vec<f64>,
}

impl<'a> Contender<'a> {
    fn new(name: impl Into<String>, work: Work, run: impl Fn() -> Found + 'a) -> Contender<'a> {
        Contender { name: name.into(), work, run: Box::new(run), medians: Vec::new() }
    }

    /// Runs for about a fifth of a second and notes the median in milliseconds.
    fn measure(&mut self) {
        let (begin, mut times) = (Instant::now(), Vec::new());
        while times.len() < 5 || begin.elapsed().as_secs_f64() < 0.2 {
            let start = Instant::now();
            black_box((self.run)());
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        self.medians.push(median(&mut times));
        self.medians.sort_by(f64::total_cmp);
    }
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The vectors in each of the shapes that a contender takes.
struct World {
    dimension: usize,
    reads: usize,
    values: Vec<f32>,
    nested: Vec<Vec<f64>>,
    codes: Codes,
    unpacked: BlockRows,
    history: History,
}

impl World {
    /// Reads first, then candidates, around one center for every fifty: neighbors are nearer than chance.
    fn new(args: &Args) -> World {
        let (rows, dimension) = (args.history + args.candidates, args.dimension);
        let mut random = fastrand::Rng::with_seed(1);
        let centers: Vec<f32> = (0..rows.div_ceil(50) * dimension).map(|_| random.f32() - 0.5).collect();
        let mut values = Vec::with_capacity(rows * dimension);
        for _ in 0..rows {
            let center = random.usize(0..centers.len() / dimension) * dimension;
            values.extend(centers[center..center + dimension].iter().map(|value| value + random.f32() - 0.5));
        }
        let embeddings = Embeddings::from_rows(dimension, values).expect("rows with a direction");
        let values = embeddings.as_slice().to_vec();
        let nested = values.chunks_exact(dimension).map(|row| row.iter().copied().map(f64::from).collect()).collect();
        let codes = Codes::new(&values, dimension, Bits::Eight);
        let unpacked = unpacked(&codes, args.history);
        let history = history(&values, &codes, args.history);
        World { dimension, reads: args.history, values, nested, codes, unpacked, history }
    }

    fn candidates(&self) -> Vec<&[f32]> {
        self.values[self.reads * self.dimension..].chunks_exact(self.dimension).collect()
    }
}

fn unpacked(codes: &Codes, reads: usize) -> BlockRows {
    let mut rows = BlockRows::default();
    rows.clear(codes.dimension());
    rows.add_codes(codes, reads..codes.len());
    rows
}

fn history(values: &[f32], codes: &Codes, reads: usize) -> History {
    History::with_codes(values, codes, &(0..reads).collect::<Vec<usize>>())
}

fn nested_loops(world: &World) -> Found {
    let (reads, candidates) = world.nested.split_at(world.reads);
    let mut found = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let (mut largest, mut sum) = (f64::NEG_INFINITY, 0.0);
        for read in reads {
            let mut similarity = 0.0;
            for at in 0..candidate.len() {
                similarity += candidate[at] * read[at];
            }
            largest = largest.max(similarity);
            sum += similarity;
        }
        found.push((largest, sum / reads.len() as f64));
    }
    found
}

/// Rows in one allocation, sixteen sums at a time: what the compiler makes vectors of.
fn flat(world: &World) -> Found {
    let (reads, candidates) = world.values.split_at(world.reads * world.dimension);
    let mut similarities = vec![0.0; world.reads];
    let mut of_candidate = |candidate: &[f32]| {
        for (similarity, read) in similarities.iter_mut().zip(reads.chunks_exact(world.dimension)) {
            let ((blocks, rest), (read_blocks, read_rest)) = (candidate.as_chunks::<16>(), read.as_chunks::<16>());
            let mut sums = [0.0f32; 16];
            for (block, read) in blocks.iter().zip(read_blocks) {
                for lane in 0..16 {
                    sums[lane] += block[lane] * read[lane];
                }
            }
            let rest: f32 = rest.iter().zip(read_rest).map(|(x, y)| x * y).sum();
            *similarity = sums.iter().sum::<f32>() + rest;
        }
        reduced(&similarities)
    };
    candidates.chunks_exact(world.dimension).map(&mut of_candidate).collect()
}

/// The largest and the mean, sixteen at a time.
fn reduced(similarities: &[f32]) -> (f64, f64) {
    let (blocks, rest) = similarities.as_chunks::<16>();
    let (mut most, mut sums) = ([f32::NEG_INFINITY; 16], [0.0f32; 16]);
    for block in blocks {
        for lane in 0..16 {
            most[lane] = if block[lane] > most[lane] { block[lane] } else { most[lane] };
            sums[lane] += block[lane];
        }
    }
    let largest = most.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max);
    let sum = sums.iter().chain(rest).sum::<f32>();
    (f64::from(largest), f64::from(sum) / similarities.len() as f64)
}

/// The gemm crate for so many candidates at a time, and a look at what it wrote.
fn gemm_and_reduce(world: &World, at_once: usize) -> Found {
    let (reads, candidates) = world.values.split_at(world.reads * world.dimension);
    let mut matrix = vec![0.0f32; at_once * world.reads];
    let mut found = Vec::with_capacity(candidates.len() / world.dimension);
    for candidates in candidates.chunks(at_once * world.dimension) {
        let rows = candidates.len() / world.dimension;
        let (dimension, columns) = (world.dimension as isize, world.reads as isize);
        // SAFETY: `matrix` holds `rows × reads` values, `candidates` and `reads` hold `dimension` for each, row by row.
        unsafe {
            gemm::gemm(
                rows,
                world.reads,
                world.dimension,
                matrix.as_mut_ptr(),
                1,
                columns,
                false,
                candidates.as_ptr(),
                1,
                dimension,
                reads.as_ptr(),
                dimension,
                1,
                0.0,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
        found.extend(matrix.chunks_exact(world.reads).take(rows).map(reduced));
    }
    found
}

fn pairs(largest: impl Iterator<Item = f32>, means: &[f32]) -> Found {
    largest.zip(means).map(|(largest, mean)| (f64::from(largest), f64::from(*mean))).collect()
}

fn by_floats(world: &World, kernels: Kernels) -> Found {
    let candidates = world.candidates();
    let nearest = world.history.nearest(kernels, &candidates);
    pairs(nearest.iter().map(|nearest| nearest.similarity), &world.history.means(kernels, &candidates))
}

fn by_codes_alone(world: &World, kernels: Kernels) -> Found {
    let largest = world.history.largest_of_codes(kernels, &world.unpacked);
    pairs(largest.iter().map(|(largest, _)| *largest), &world.history.means(kernels, &world.candidates()))
}

fn by_codes(world: &World, kernels: Kernels, unpacked: &BlockRows, history: &History) -> Found {
    let candidates = world.candidates();
    let nearest = history.nearest_by_codes(kernels, &candidates, unpacked);
    pairs(nearest.iter().map(|nearest| nearest.similarity), &history.means(kernels, &candidates))
}

fn mean_alone(world: &World, kernels: Kernels) -> Found {
    let means = world.history.means(kernels, &world.candidates());
    pairs(means.iter().map(|_| f32::NAN), &means)
}

fn contenders(world: &World) -> Vec<Contender<'_>> {
    let all = world.values.len() / world.dimension - world.reads;
    let mut contenders = vec![
        Contender::new("nested loops, Vec<Vec<f64>>", Work::Floats, || nested_loops(world)),
        Contender::new("flat f32, vectors by the compiler", Work::Floats, || flat(world)),
        Contender::new("gemm crate, whole matrix + reduce", Work::Floats, move || gemm_and_reduce(world, all)),
        Contender::new("gemm crate, 48 rows + reduce", Work::Floats, || gemm_and_reduce(world, GEMM_ROWS)),
    ];
    let here: Vec<Kernels> = Isa::ALL.into_iter().filter_map(Kernels::for_isa).collect();
    for &kernels in &here {
        let name = format!("nextread floats, {}", kernels.isa().as_str());
        contenders.push(Contender::new(name, Work::Floats, move || by_floats(world, kernels)));
    }
    for &kernels in &here {
        let name = |what| format!("nextread {what}, {}", kernels.isa().as_str());
        let alone = Contender::new(name("codes alone"), Work::Bytes, move || by_codes_alone(world, kernels));
        let exact = move || by_codes(world, kernels, &world.unpacked, &world.history);
        contenders.extend([alone, Contender::new(name("codes, exact"), Work::Bytes, exact)]);
    }
    let best = Kernels::best();
    let all_anew = move || {
        let history = history(&world.values, &world.codes, world.reads);
        by_codes(world, best, &unpacked(&world.codes, world.reads), &history)
    };
    contenders.push(Contender::new("the same, history and rows made anew", Work::Bytes, all_anew));
    contenders.push(Contender::new("the mean alone", Work::Mean, move || mean_alone(world, best)));
    contenders
}

fn print_table(contenders: &[Contender<'_>], args: &Args) {
    println!("| contender | ms, median (min–max) | ratio | G op/s | of peak | off, largest | off, mean |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    let exact = (contenders[0].run)();
    let nested = contenders[0].medians[args.rounds / 2];
    for Contender { name, work, run, medians } in contenders {
        let ms = medians[args.rounds / 2];
        let pairs = args.candidates * if *work == Work::Mean { 1 } else { args.history };
        let speed = 2.0 * (pairs * args.dimension) as f64 / ms / 1e6;
        let peak = if *work == Work::Bytes { args.peak_bytes } else { args.peak_floats };
        let off = |part: fn(&(f64, f64)) -> f64| {
            let off =
                run().iter().zip(&exact).map(|(found, exact)| (part(found) - part(exact)).abs()).fold(0.0, f64::max);
            format!("{off:.0e}")
        };
        let largest = if *work == Work::Mean { "-".to_owned() } else { off(|found| found.0) };
        let (least, most) = (medians[0], medians[args.rounds - 1]);
        println!(
            "| {name} | {ms:.3} ({least:.3}–{most:.3}) | {:.1} | {speed:.0} | {:.0} % | {largest} | {} |",
            nested / ms,
            100.0 * speed / peak,
            off(|found| found.1),
        );
    }
}

fn post(id: &str, title: String, summary: String) -> Post {
    Post {
        summary: Summary { text: summary, origin: SummaryOrigin::Given },
        ..Post::new(PostId::new(id).expect("an id"), title)
    }
}

/// What a reader waits for: all of `next` over posts of sixty words each, of which some are frequent and most are rare.
fn next(args: &Args) -> (Recommender, Reader) {
    let mut random = fastrand::Rng::with_seed(2);
    let mut word = || format!("word{}", (20_000.0 * random.f64().powi(4)) as u32);
    let posts = (0..args.history + args.candidates).map(|number| {
        let summary: Vec<String> = (0..60).map(|_| word()).collect();
        post(&format!("{number:06}"), word(), summary.join(" "))
    });
    let corpus = Corpus::new(posts.collect()).expect("posts with different ids");
    let embeddings = Embeddings::from_rows(args.dimension, World::new(args).values).expect("rows with a direction");
    let read: Vec<PostId> = corpus.posts()[..args.history].iter().map(|post| post.id.clone()).collect();
    let read = Reader::of(&read);
    (Recommender::new(corpus, embeddings).expect("a vector a post"), read)
}

fn main() {
    let args = Args::parse();
    let world = World::new(&args);
    let mut contenders = contenders(&world);
    for _ in 0..args.rounds {
        contenders.iter_mut().for_each(Contender::measure);
    }
    println!("{} candidates × {} reads × {} components, one thread\n", args.candidates, args.history, args.dimension);
    print_table(&contenders, &args);
    let (recommender, read) = next(&args);
    let ask = || recommender.next(&read, &NextOptions::default()).expect("an answer");
    let mut times: Vec<f64> = Vec::new();
    for _ in 0..11 {
        let start = Instant::now();
        black_box(ask());
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    // The first counts the words of all posts.
    let first = times.remove(0);
    println!("\n`next`, words and reasons included: {:.1} ms (the first {first:.1} ms)", median(&mut times));
}
