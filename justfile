# What a change must pass; the README's second command runs it.
check: fmt clippy model test doc

fmt:
    cargo fmt --check

clippy:
    cargo clippy --locked --all-targets -- -D warnings

test:
    cargo test --locked
    @# Once more, to show the figure: how near our vectors are to those of sentence-transformers.
    cargo test --locked --quiet --test it every_reference_text -- --nocapture

doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

# Fetch the default model, check it, and keep it in the cache folder.
model:
    cargo run --locked --quiet -- model pull

# Speed of the embedder; add `--texts FILE` for texts of your own.
bench *args:
    cargo bench --locked --bench embed -- {{args}}

# Speed of the similarity kernels, instruction set by instruction set.
bench-similarity:
    cargo bench --locked --bench similarity

# Speed of the indexes; add `--vectors FILE.npy` for vectors of your own.
bench-index *args:
    cargo bench --locked --bench index -- {{args}}

# Nearest-neighbor search beside hnswlib, faiss, usearch and numpy on the same vectors (needs Python and a C++ compiler).
peers-index *args:
    cargo build --locked --release
    python3 -m venv target/peers-venv
    target/peers-venv/bin/pip install --quiet -r benches/peers/index-requirements.txt
    target/peers-venv/bin/python benches/peers/index.py run {{args}}

# Licences, advisories and sources of the dependencies (needs cargo-deny).
deny:
    cargo deny check
