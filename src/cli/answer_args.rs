//! What may be typed after every question: how many, how near, which posts.

use clap::{Args, ValueEnum};

use crate::post::PostDate;
use crate::sources::language_code;

/// The words of `--fallback`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FallbackWord {
    None,
    Section,
    Recent,
}

/// The words of `--linked`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LinkedWord {
    Prefer,
    Ignore,
    LeaveOut,
}

/// How many, how near, how different.
#[derive(Debug, Args)]
pub(super) struct Choice {
    /// The most posts to show
    #[arg(short = 'n', long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) limit: Option<u16>,
    /// Show what is closer than this share of pairs of posts drawn by chance [default: 0.8]
    #[arg(long, value_name = "0..1", value_parser = super::settings::ratio, conflicts_with = "min_score")]
    pub(super) closer_than: Option<f32>,
    /// The least score to show, -1 to 1, whatever pairs drawn by chance have
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true, value_parser = super::settings::score)]
    pub(super) min_score: Option<f32>,
    /// 0 (pure relevance) to 1 (only different from each other)
    #[arg(long, value_name = "0..1", value_parser = super::settings::ratio)]
    pub(super) diversity: Option<f32>,
}

/// What an answer must be.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which posts")]
pub(super) struct Filters {
    /// Only posts with one of these tags
    #[arg(long, value_name = "TAG")]
    pub(super) tag: Vec<String>,
    /// No posts with one of these tags
    #[arg(long, value_name = "TAG")]
    pub(super) without_tag: Vec<String>,
    /// Only posts of these sources
    #[arg(long, value_name = "NAME")]
    pub(super) source: Vec<String>,
    /// No posts of these sources
    #[arg(long, value_name = "NAME")]
    pub(super) without_source: Vec<String>,
    /// Only posts in these languages, such as `en`
    #[arg(long, value_name = "CODE", value_parser = language)]
    pub(super) lang: Vec<String>,
    /// Only posts of this day, month or year and later
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) since: Option<PostDate>,
    /// Only posts of this day, month or year and earlier
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) until: Option<PostDate>,
    /// Never these posts [also: the key `block`]
    #[arg(long, value_name = "POST")]
    pub(super) block: Vec<String>,
    /// The most posts of one source
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) per_source: Option<u16>,
    /// The most posts of one author
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) per_author: Option<u16>,
    /// The most posts of one numbered series
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) per_series: Option<u16>,
}

fn language(text: &str) -> Result<String, String> {
    language_code(text).ok_or_else(|| "no known language; name it as `en`, `eng` or `English`".to_owned())
}

fn date(text: &str) -> Result<PostDate, String> {
    PostDate::parse(text).ok_or_else(|| "no date; write 2026, 2026-05 or 2026-05-20".to_owned())
}

/// Reads a number above 0.
pub(super) fn above_zero(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number: &f32| *number > 0.0 && !number.is_nan());
    number.ok_or_else(|| "must be a number above 0, or inf".to_owned())
}
