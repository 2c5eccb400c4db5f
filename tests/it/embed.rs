//! Are the vectors right? Against those of sentence-transformers, and against themselves.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::OnceLock;

use nextread::embed::{
    self, BatchSize, CandleEmbedder, Device, EmbedError, Embedder, Engine, OpenOptions, PackedEmbedder, Progress,
};
use nextread::embeddings::{Embeddings, LongTexts, Precision};
use nextread::similarity::{Isa, Kernels};

use crate::model_folder::model_folder;

fn open(options: &OpenOptions) -> PackedEmbedder {
    PackedEmbedder::open(&model_folder(), options).unwrap()
}

fn exact() -> OpenOptions {
    OpenOptions { precision: Precision::Exact, ..OpenOptions::default() }
}

fn truncating() -> &'static PackedEmbedder {
    static SHARED: OnceLock<PackedEmbedder> = OnceLock::new();
    SHARED.get_or_init(|| open(&OpenOptions { long_texts: LongTexts::Truncate, ..exact() }))
}

fn windowing() -> &'static PackedEmbedder {
    static SHARED: OnceLock<PackedEmbedder> = OnceLock::new();
    SHARED.get_or_init(|| open(&exact()))
}

fn candle() -> &'static CandleEmbedder {
    static SHARED: OnceLock<CandleEmbedder> = OnceLock::new();
    SHARED.get_or_init(|| {
        let options = OpenOptions { long_texts: LongTexts::Truncate, ..exact() };
        CandleEmbedder::open(&model_folder(), &options).unwrap()
    })
}

/// The least and the mean cosine, row by row.
fn cosines(found: &Embeddings, expect: &Embeddings) -> (f64, f64) {
    assert_eq!(found.view().dim(), expect.view().dim());
    let cosines: Vec<f64> = (0..found.len()).map(|row| cosine(found.row(row), expect.row(row))).collect();
    let mean = cosines.iter().sum::<f64>() / cosines.len().max(1) as f64;
    (cosines.iter().copied().fold(f64::INFINITY, f64::min), mean)
}

/// Checks the least and the mean cosine to the model in floats against what a precision promises.
fn assert_precise(precision: Precision, isa: Isa, (least, mean): (f64, f64)) {
    let (least_min, mean_min) = match precision {
        Precision::Exact => (0.9999, 0.999_99),
        Precision::Balanced => (0.9995, 0.9999),
        Precision::Fast => (0.99, 0.995),
    };
    let measured = format!("{} {}: least {least:.6}, mean {mean:.6}", precision.as_str(), isa.as_str());
    assert!(least >= least_min && mean >= mean_min, "{measured}");
}

fn reference_texts() -> Vec<(String, String)> {
    let record = |line: &str| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        (record["id"].as_str().unwrap().to_owned(), record["text"].as_str().unwrap().to_owned())
    };
    include_str!("../reference/texts.jsonl").lines().map(record).collect()
}

fn reference_vectors() -> Embeddings {
    let bytes = include_bytes!("../reference/vectors.f32").as_chunks::<4>().0;
    Embeddings::from_rows(384, bytes.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()).unwrap()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

fn largest_difference(a: &Embeddings, b: &Embeddings) -> f32 {
    assert_eq!(a.view().dim(), b.view().dim());
    a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn every_reference_text_has_the_vector_that_sentence_transformers_gives() {
    let texts = reference_texts();
    let expect = reference_vectors();
    assert_eq!(texts.len(), expect.len());
    let found = truncating().embed(&texts.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>()).unwrap();
    let cosines: Vec<f64> = (0..texts.len()).map(|row| cosine(found.row(row), expect.row(row))).collect();
    let least = cosines.iter().copied().fold(f64::INFINITY, f64::min);
    let mean = cosines.iter().sum::<f64>() / cosines.len() as f64;
    eprintln!("cosine to sentence-transformers over {} texts: min {least:.7}, mean {mean:.7}", texts.len());
    for ((id, _), cosine) in texts.iter().zip(&cosines) {
        assert!(*cosine >= 0.9999, "{id}: {cosine}");
    }
}

#[test]
fn batches_order_and_company_change_nothing() {
    let texts = reference_texts();
    let texts: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).step_by(3).collect();
    let together = truncating().embed(&texts).unwrap();
    let one_by_one: Vec<f32> =
        texts.iter().flat_map(|text| truncating().embed(&[*text]).unwrap().as_slice().to_vec()).collect();
    let one_by_one = Embeddings::from_rows(384, one_by_one).unwrap();
    assert_eq!(together, one_by_one, "to the bit: no token sees another text's");

    let backwards: Vec<&str> = texts.iter().rev().copied().collect();
    let turned = truncating().embed(&backwards).unwrap();
    for row in 0..texts.len() {
        assert!(cosine(together.row(row), turned.row(texts.len() - 1 - row)) > 1.0 - 1e-6, "{}", texts[row]);
    }
}

#[test]
fn one_thread_or_three_give_the_same_bits() {
    let texts = reference_texts();
    let texts: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).step_by(4).collect();
    let with = |threads| {
        let batch = BatchSize::Tokens(NonZeroUsize::new(64).unwrap());
        let options = OpenOptions { threads: NonZeroUsize::new(threads).unwrap(), batch, ..exact() };
        open(&options).embed(&texts).unwrap()
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn windows_are_whole_sentences_averaged_by_their_word_pieces() {
    let sentence =
        |n: usize| format!("Rule number {n} says that a queue which hides its age will one day hide an outage too.");
    let sentences: Vec<String> = (0..40).map(sentence).collect();
    let text = sentences.join(" ");
    let borrowed: Vec<&str> = sentences.iter().map(String::as_str).collect();
    let pieces: Vec<usize> =
        windowing().embed_with(&borrowed, &mut |_| ()).unwrap().tokens.iter().map(|tokens| tokens - 2).collect();

    let mut windows: Vec<(String, usize)> = Vec::new();
    for (sentence, &count) in sentences.iter().zip(&pieces) {
        match windows.last_mut() {
            Some((window, filled)) if *filled + count <= 254 => {
                *window = format!("{window} {sentence}");
                *filled += count;
            }
            _ => windows.push((sentence.clone(), count)),
        }
    }
    let vectors = windowing().embed(&windows.iter().map(|(window, _)| window.as_str()).collect::<Vec<_>>()).unwrap();
    let mut average = vec![0.0; 384];
    for (row, (_, count)) in windows.iter().enumerate() {
        average.iter_mut().zip(vectors.row(row)).for_each(|(sum, value)| *sum += value * *count as f32);
    }

    let found = windowing().embed_with(&[&text], &mut |_| ()).unwrap();
    assert_eq!(found.windows, [windows.len()]);
    assert_eq!(found.tokens, [pieces.iter().sum::<usize>() + 2 * windows.len()]);
    assert!(!found.truncated.contains(&true));
    assert!(largest_difference(&found.embeddings, &Embeddings::from_rows(384, average).unwrap()) <= 1e-5);

    let cut = truncating().embed_with(&[&text, "short"], &mut |_| ()).unwrap();
    assert_eq!((cut.tokens[0], cut.windows, cut.truncated), (256, vec![1, 1], vec![true, false]));
}

#[test]
fn hostile_texts_have_unit_vectors() {
    let unspaced = "x".repeat(100_000);
    let prose = "The night batch borrows memory until six. ".repeat(60);
    let chinese = "数".repeat(33_000);
    let nested = "((".repeat(3_000);
    let flags = "🇩🇪👩🏽‍💻".repeat(5_000);
    let marks = format!("a{}", "\u{301}".repeat(50_000));
    let odd =
        ["", " \n\t ", "\0", "\0\0\0 nul", "\u{200b}\u{200d}\u{feff}", "\u{202e}rtl override\u{202c}", "\u{fffd}"];
    let windowed: Vec<&str> = odd.into_iter().chain([unspaced.as_str(), &prose, &flags, &marks]).collect();
    let truncated: Vec<&str> = vec![&unspaced, &chinese, &nested, &flags];
    for (embedder, texts) in [(windowing(), windowed), (truncating(), truncated)] {
        let found = embedder.embed_with(&texts, &mut |_| ()).unwrap();
        assert_eq!(found.embeddings.len(), texts.len());
        for row in 0..texts.len() {
            let norm = cosine(found.embeddings.row(row), found.embeddings.row(row));
            assert!((norm - 1.0).abs() < 1e-5, "row {row}: {norm}");
            assert!(found.tokens[row] <= 256 * found.windows[row]);
        }
    }
    let blank = windowing().embed_with(&["", " \n\t "], &mut |_| ()).unwrap();
    assert_eq!(blank.tokens, [2, 2]);
    assert_eq!(blank.embeddings.row(0), blank.embeddings.row(1));
}

#[test]
fn progress_rises_to_the_whole() {
    let texts = ["one", "two words", "and three more"];
    let options = OpenOptions { batch: BatchSize::Tokens(NonZeroUsize::MIN), ..OpenOptions::default() };
    let mut told: Vec<Progress> = Vec::new();
    let found = open(&options).embed_with(&texts, &mut |progress| told.push(progress)).unwrap();
    assert_eq!(told.iter().map(|progress| progress.texts).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(told[3].tokens, found.tokens.iter().sum::<usize>());
    assert!(windowing().embed(&[]).unwrap().is_empty());
}

/// Opens a copy of the model whose weights `change` was let loose on.
fn open_damaged(change: impl FnOnce(&mut Vec<u8>)) -> Result<PackedEmbedder, EmbedError> {
    let (model, copy) = (model_folder(), tempfile::tempdir().unwrap());
    std::fs::create_dir(copy.path().join("1_Pooling")).unwrap();
    for file in ["modules.json", "config.json", "sentence_bert_config.json", "tokenizer.json", "1_Pooling/config.json"]
    {
        std::fs::copy(model.join(file), copy.path().join(file)).unwrap();
    }
    let mut weights = std::fs::read(model.join("model.safetensors")).unwrap();
    change(&mut weights);
    #[allow(clippy::disallowed_methods, reason = "a test's own file needs no atomic rename")]
    std::fs::write(copy.path().join("model.safetensors"), weights).unwrap();
    PackedEmbedder::open(copy.path(), &exact())
}

#[test]
fn damaged_weights_are_an_error_and_nan_never_leaves() {
    let error = open_damaged(|weights| weights.truncate(1_000_000)).err().unwrap();
    assert!(matches!(error, EmbedError::Weights { .. }), "{error}");

    let error = open_damaged(|weights| {
        let header_length = u64::from_le_bytes(*weights.first_chunk().unwrap()) as usize;
        let header: serde_json::Value = serde_json::from_slice(&weights[8..8 + header_length]).unwrap();
        let start = header["embeddings.LayerNorm.weight"]["data_offsets"][0].as_u64().unwrap() as usize;
        weights[8 + header_length + start..][..4].copy_from_slice(&f32::NAN.to_le_bytes());
    })
    .err()
    .unwrap();
    assert!(error.to_string().contains("embeddings.LayerNorm.weight holds a number that is not finite"), "{error}");
}

#[test]
fn what_is_missing_is_named() {
    let error = CandleEmbedder::open(Path::new("no/such/folder"), &OpenOptions::default()).err().unwrap();
    assert!(error.to_string().contains("modules.json: no such file"), "{error}");
    if !cfg!(feature = "cuda") {
        let options = OpenOptions { device: Device::Cuda, ..OpenOptions::default() };
        let error = CandleEmbedder::open(&model_folder(), &options).err().unwrap();
        let expect = "this nextread was built without CUDA; build with --features cuda or use --device cpu";
        assert_eq!(error.to_string(), expect);
    }
}

#[test]
fn every_precision_keeps_its_promise_with_every_instruction_set() {
    let texts = reference_texts();
    let texts: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
    let expect = reference_vectors();
    for isa in Isa::ALL.into_iter().filter(|isa| Kernels::for_isa(*isa).is_some()) {
        // Plain loops take their time; a few of the texts are enough for them.
        let step = if isa == Isa::Scalar { 10 } else { 1 };
        let texts: Vec<&str> = texts.iter().copied().step_by(step).collect();
        let rows = (0..expect.len()).step_by(step).flat_map(|row| expect.row(row)).copied().collect();
        let expect = Embeddings::from_rows(384, rows).unwrap();
        for precision in Precision::ALL {
            let long_texts = LongTexts::Truncate;
            let options = OpenOptions { precision, long_texts, fastest: Some(isa), ..OpenOptions::default() };
            let embedder = open(&options);
            assert!(matches!(embedder.engine(), Engine::Packed { isa: used, .. } if *used == isa));
            assert_eq!(embedder.space().precision, precision);
            assert_precise(precision, isa, cosines(&embedder.embed(&texts).unwrap(), &expect));
        }
    }
}

#[test]
fn hostile_shapes_are_what_candle_makes_of_them() {
    let long = "every window holds two hundred and fifty-four pieces ".repeat(40);
    let words: Vec<String> = (0..300).map(|number| format!("word{number}")).collect();
    let shapes: Vec<Vec<&str>> = vec![
        vec![],
        vec![""],
        vec!["a"],
        vec![&long, "b", &long],
        words.iter().map(String::as_str).collect(),
        vec!["five words of one length"; 40],
        vec![
            "naïve café Ωμέγα",
            "数据库 and 索引",
            "Привет, мир!",
            "🇩🇪 flags 👩🏽‍💻",
            "שלום עולם",
            "a\u{301}\u{301} z\u{200b}w",
            "[CLS] [MASK] x",
        ],
    ];
    for texts in shapes {
        let expect = candle().embed(&texts).unwrap();
        for precision in Precision::ALL {
            let options = OpenOptions { precision, long_texts: LongTexts::Truncate, ..OpenOptions::default() };
            let found = open(&options).embed(&texts).unwrap();
            if !texts.is_empty() {
                let (least, _) = cosines(&found, &expect);
                assert_precise(precision, Kernels::best().isa(), (least, 1.0));
            }
        }
    }
}

/// How a small model is made.
struct Tiny {
    hidden: usize,
    heads: usize,
    wide: usize,
    activation: &'static str,
    prefix: &'static str,
    norm: [&'static str; 2],
    pooling: &'static str,
}

impl Tiny {
    /// The tensors' names and shapes, as checkpoints have them.
    fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let (hidden, wide) = (self.hidden, self.wide);
        let mut tensors = vec![
            ("embeddings.word_embeddings.weight".to_owned(), vec![30_522, hidden]),
            ("embeddings.position_embeddings.weight".to_owned(), vec![64, hidden]),
            ("embeddings.token_type_embeddings.weight".to_owned(), vec![2, hidden]),
        ];
        let mut norms = vec!["embeddings".to_owned()];
        for layer in 0..2 {
            let layer = format!("encoder.layer.{layer}");
            let linears = [
                ("attention.self.query", hidden, hidden),
                ("attention.self.key", hidden, hidden),
                ("attention.self.value", hidden, hidden),
                ("attention.output.dense", hidden, hidden),
                ("intermediate.dense", hidden, wide),
                ("output.dense", wide, hidden),
            ];
            for (name, inputs, columns) in linears {
                tensors.push((format!("{layer}.{name}.weight"), vec![columns, inputs]));
                tensors.push((format!("{layer}.{name}.bias"), vec![columns]));
            }
            norms.extend([format!("{layer}.attention.output"), format!("{layer}.output")]);
        }
        for norm in norms {
            tensors.extend(self.norm.map(|part| (format!("{norm}.LayerNorm.{part}"), vec![hidden])));
        }
        tensors
    }

    /// Writes a model of numbers drawn by chance, with the tokenizer of the real one.
    #[allow(clippy::disallowed_methods, reason = "a test's own files need no atomic rename")]
    fn write(&self) -> tempfile::TempDir {
        let (model, folder) = (model_folder(), tempfile::tempdir().unwrap());
        let put = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
        std::fs::create_dir(folder.path().join("1_Pooling")).unwrap();
        for file in ["modules.json", "tokenizer.json"] {
            std::fs::copy(model.join(file), folder.path().join(file)).unwrap();
        }
        let Tiny { hidden, heads, wide, activation, pooling, .. } = self;
        put(
            "1_Pooling/config.json",
            &format!(r#"{{"word_embedding_dimension": {hidden}, "pooling_mode": "{pooling}"}}"#),
        );
        put(
            "config.json",
            &format!(
                r#"{{"model_type": "bert", "vocab_size": 30522, "hidden_size": {hidden}, "num_hidden_layers": 2,
                "num_attention_heads": {heads}, "intermediate_size": {wide}, "hidden_act": "{activation}",
                "max_position_embeddings": 64, "type_vocab_size": 2, "layer_norm_eps": 1e-12}}"#
            ),
        );
        let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
        let mut random = fastrand::Rng::with_seed(9);
        for (name, shape) in self.tensors() {
            let start = data.len();
            let offset = if name.ends_with(self.norm[0]) && name.contains("LayerNorm") { 1.0 } else { 0.0 };
            for _ in 0..shape.iter().product() {
                data.extend((offset + 0.4 * (random.f32() - 0.5)).to_le_bytes());
            }
            let entry = serde_json::json!({"dtype": "F32", "shape": shape, "data_offsets": [start, data.len()]});
            header.insert(format!("{}{name}", self.prefix), entry);
        }
        let header = serde_json::to_vec(&header).unwrap();
        let bytes = [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat();
        std::fs::write(folder.path().join("model.safetensors"), bytes).unwrap();
        folder
    }
}

#[test]
fn other_models_are_what_candle_makes_of_them() {
    let texts = ["a", "some words of a text", "", "and another text, which is a little longer than the others are"];
    for (activation, prefix, norm, pooling) in [
        ("relu", "", ["weight", "bias"], "mean"),
        ("gelu_new", "bert.", ["gamma", "beta"], "cls"),
        ("gelu", "", ["weight", "bias"], "max"),
    ] {
        let folder = Tiny { hidden: 128, heads: 2, wide: 160, activation, prefix, norm, pooling }.write();
        let expect = CandleEmbedder::open(folder.path(), &exact()).unwrap().embed(&texts).unwrap();
        let found = PackedEmbedder::open(folder.path(), &exact()).unwrap().embed(&texts).unwrap();
        let (least, _) = cosines(&found, &expect);
        assert!(least > 0.999_99, "{activation} {pooling}: {least}");
    }
}

#[test]
fn what_the_packed_encoder_does_not_know_runs_on_candle_and_says_so() {
    let norm = ["weight", "bias"];
    let folder = Tiny { hidden: 48, heads: 2, wide: 64, activation: "gelu", prefix: "", norm, pooling: "mean" }.write();
    let error = PackedEmbedder::open(folder.path(), &OpenOptions::default()).err().unwrap();
    assert!(matches!(error, EmbedError::NotPacked { .. }), "{error}");
    let embedder = embed::open(folder.path(), &OpenOptions::default()).unwrap();
    let expect = "cpu, candle, 32-bit floats, because its hidden size, 48, is no multiple of 32";
    assert_eq!(embedder.engine().to_string(), expect);
    assert_eq!(embedder.space().precision, Precision::Exact);
    assert_eq!(embedder.embed(&["a text"]).unwrap().view().dim(), (1, 48));
}
