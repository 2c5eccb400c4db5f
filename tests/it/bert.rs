//! Is our forward pass BERT's? Against the `BertModel` of candle-transformers, on the same weights and word pieces.

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use nextread::embed::{CandleEmbedder, Embedder, OpenOptions};
use nextread::embeddings::Embeddings;
use tokenizers::Tokenizer;

use crate::model_folder::model_folder;

const TEXTS: [&str; 4] = [
    "Tiles",
    "A cache that forgets the newest rows first is no cache.",
    "Les vecteurs d'une même longueur se multiplient ensemble.",
    "One matrix product for query, key and value costs one pass over the inputs, and the three results are slices of it.",
];

/// Mean-pooled vectors of the reference implementation, each text alone, as it needs no padding then.
fn reference() -> Embeddings {
    let folder = model_folder();
    let config: Config = serde_json::from_slice(&std::fs::read(folder.join("config.json")).unwrap()).unwrap();
    let weights = std::fs::read(folder.join("model.safetensors")).unwrap();
    let weights = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu).unwrap();
    let model = BertModel::load(weights, &config).unwrap();
    let mut tokenizer = Tokenizer::from_file(folder.join("tokenizer.json")).unwrap();
    tokenizer.with_padding(None);
    let vectors = TEXTS.iter().flat_map(|text| {
        let encoding = tokenizer.encode(*text, true).unwrap();
        let ids = Tensor::new(encoding.get_ids(), &Device::Cpu).unwrap().unsqueeze(0).unwrap();
        let types = ids.zeros_like().unwrap();
        let hidden = model.forward(&ids, &types, None).unwrap();
        hidden.squeeze(0).unwrap().mean(0).unwrap().to_vec1::<f32>().unwrap()
    });
    Embeddings::from_rows(config.hidden_size, vectors.collect()).unwrap()
}

#[test]
fn the_forward_pass_is_that_of_candle_transformers() {
    let ours = CandleEmbedder::open(&model_folder(), &OpenOptions::default()).unwrap().embed(&TEXTS).unwrap();
    let theirs = reference();
    for (at, (a, b)) in ours.as_slice().iter().zip(theirs.as_slice()).enumerate() {
        assert!((a - b).abs() < 1e-5, "text {}, component {}: {a} and {b}", at / 384, at % 384);
    }
}
