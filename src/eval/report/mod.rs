//! How is a comparison shown? As rows for a terminal, Markdown, LaTeX, JSON, and one HTML page that needs nothing else.
//!
//! All are functions from the outcome to text; the same outcome gives the same bytes.

mod figures;
mod html;
mod index_page;
mod latex;
mod markdown;
mod numbers;
mod page;
mod plot;
mod provenance;
mod style;
mod table;

pub use figures::{CurvePoint, CurveSeries, recall_qps_svg};
pub use html::html;
pub use index_page::{IndexPoint, IndexReport, index_page};
pub use latex::latex;
pub use markdown::markdown;
pub use table::{Part, table};

use super::comparison::Comparison;

/// Why a page cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A plot cannot be drawn.
    #[error("the plot \"{title}\" cannot be drawn; leave out --html and report this")]
    Draw {
        /// The plot's title.
        title: String,
        /// What the drawing library says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Writes everything as one JSON object; ends with a line break.
///
/// # Errors
/// A value cannot be written as JSON.
pub fn json(comparison: &Comparison) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(comparison)? + "\n")
}

#[cfg(test)]
mod tests;
