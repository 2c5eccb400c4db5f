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

# Licences, advisories and sources of the dependencies (needs cargo-deny).
deny:
    cargo deny check
