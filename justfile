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

# Candidates against a reading history, from nested loops to the block kernels; `--candidates N --history N --dimension N`.
bench-novelty *args:
    cargo bench --locked --bench novelty -- {{args}}

# Speed of the indexes; vectors of your own: `nextread eval index FILE.npy`.
bench-index:
    cargo bench --locked --bench index

# Nearest-neighbor search beside hnswlib, faiss, usearch and numpy on the same vectors (needs Python and a C++ compiler).
peers-index *args:
    cargo build --locked --release
    python3 -m venv target/peers-venv
    target/peers-venv/bin/pip install --quiet -r benches/peers/index-requirements.txt
    target/peers-venv/bin/python benches/peers/index.py run {{args}}

# Embedding beside sentence-transformers, ONNX Runtime and OpenVINO on the same texts (needs Python and a C compiler).
peers-embed *args: model
    python3 -m venv target/peers-venv
    target/peers-venv/bin/pip install --quiet -r benches/peers/embed-requirements.txt
    target/peers-venv/bin/python benches/peers/embed.py run --model "$(cargo run --locked --quiet -- model path)" {{args}}

# Related posts beside Hugo's and Jekyll's on the same posts (needs hugo, jekyll, ruby-classifier-reborn, ruby-gsl and Python): FOLDER LINKS.tsv ...
peers-related *args:
    cargo build --locked --release
    python3 -m venv target/peers-venv
    target/peers-venv/bin/pip install --quiet -r benches/peers/related-requirements.txt
    target/peers-venv/bin/python benches/peers/related.py {{args}}

# A site of 10,000 posts of our own words to measure with; `--change 1` changes one of its posts.
site folder *args:
    python3 benches/site.py {{folder}} {{args}}

# Let Miri, which finds undefined behavior, interpret the plain kernels and the codes (needs a nightly toolchain with miri).
miri:
    MIRIFLAGS=-Zmiri-disable-isolation PROPTEST_CASES=4 cargo +nightly miri test --locked --lib \
        --manifest-path tests/kernels/Cargo.toml --target-dir target/kernels

# Run the kernels for 64-bit Arm in an emulator (Debian: qemu-user, gcc-aarch64-linux-gnu; rustup target add aarch64-unknown-linux-gnu).
arm:
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -cpu max -L /usr/aarch64-linux-gnu" \
    REQUIRE_ISA=neon,neon-dotprod cargo test --release --locked --target aarch64-unknown-linux-gnu \
        --manifest-path tests/kernels/Cargo.toml --target-dir target/kernels

# Licences, advisories and sources of the dependencies (needs cargo-deny).
deny:
    cargo deny check
