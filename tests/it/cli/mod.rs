//! Does the command line do what it says? The binary itself, each time in a folder of its own.

mod answers;
mod audit;
mod bad_inputs;
mod editorial;
mod eval;
mod eval_beir;
mod eval_index;
mod eval_links;
mod eval_paths;
mod fallback;
mod formats;
mod graph;
mod history;
mod incremental;
mod links;
mod next;
mod paths;
mod room;
mod safe_writing;
mod same_story;
mod settings;
mod site_kinds;
mod tables;
mod titles;
mod topics;
mod trouble;
mod verbs;
#[cfg(unix)]
mod watch;
mod web;
