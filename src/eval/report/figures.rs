//! The plots: wins and losses by query, measures by cut-off, means with intervals, recall against speed.

use super::ReportError;
use super::numbers::short;
use super::plot::{Anchor, Axis, Canvas, Caption, Drawn, draw};
use crate::eval::comparison::CutoffPoint;
use crate::eval::significance::Interval;

/// Bars that can still be told apart; more queries share bars, which the description tells.
const BARS_MAX: usize = 240;
/// Bars with gaps between them; more are one area, since gaps would be all that shows.
const GAPS_MAX: usize = 60;
/// The height of a plot, in its own units.
const HEIGHT: i32 = 560;

/// One index over the settings of its search.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveSeries {
    /// The index, such as `hnsw m=16`.
    pub name: String,
    /// In the order in which they are joined.
    pub points: Vec<CurvePoint>,
}

/// How good and how fast one setting is.
#[derive(Debug, Clone, PartialEq)]
pub struct CurvePoint {
    /// The setting, short, such as `ef 40`; may be empty.
    pub label: String,
    /// ann_recall@k, or another measure, 0 to 1.
    pub recall: f64,
    /// Queries a second.
    pub qps: f64,
}

/// Draws recall (or another measure, as `recall` names it) against queries a second, the latter on a logarithmic axis: the better, the further up and right.
///
/// Points whose rate is not above 0 cannot be drawn there; the description counts them. `id` is unique on the page.
///
/// # Errors
/// The drawing fails.
pub fn recall_qps_svg(id: &str, recall: &str, series: &[CurveSeries]) -> Result<String, ReportError> {
    let is_drawn = |point: &&CurvePoint| point.qps.is_finite() && point.qps > 0.0 && point.recall.is_finite();
    let all: Vec<&CurvePoint> = series.iter().flat_map(|series| &series.points).collect();
    let points: Vec<&CurvePoint> = all.iter().copied().filter(is_drawn).collect();
    let said: Vec<String> = points
        .iter()
        .map(|point| format!("{} {:.3} at {:.0}", point.label, point.recall, point.qps).trim_start().to_owned())
        .collect();
    let missing = match all.len() - points.len() {
        0 => String::new(),
        count => format!(" {count} points without a rate are left out."),
    };
    let caption = Caption {
        id,
        title: format!("{recall} against queries a second"),
        description: format!("{recall} and queries a second: {}.{missing}", said.join("; ")),
    };
    let x = Axis::linear(points.iter().map(|point| point.recall), recall);
    let y = Axis::logarithmic(points.iter().map(|point| point.qps), "queries a second (logarithmic)");
    let legend: Vec<String> = series.iter().map(|series| series.name.clone()).collect();
    draw(&caption, (&x, &y), HEIGHT + 80, &legend, |canvas| {
        let mut written: Vec<(i32, i32)> = Vec::new();
        for (number, series) in series.iter().enumerate() {
            let points: Vec<&CurvePoint> = series.points.iter().filter(is_drawn).collect();
            let places: Vec<(f64, f64)> = points.iter().map(|point| (point.recall, point.qps.log10())).collect();
            canvas.series(number, &places)?;
            for (point, place) in points.iter().zip(places) {
                label(canvas, &mut written, &point.label, place)?;
            }
        }
        Ok(())
    })
}

/// Writes a point's label below and to its left, where the curve is not; not over another label.
fn label(canvas: &Canvas<'_>, written: &mut Vec<(i32, i32)>, text: &str, (x, y): (f64, f64)) -> Drawn {
    let at = canvas.pixel(x, y);
    let width = 16 * text.chars().count() as i32;
    let is_free = |other: &(i32, i32)| (other.1 - at.1).abs() >= 30 || (other.0 - at.0).abs() >= width + 30;
    if text.is_empty() || !written.iter().all(is_free) {
        return Ok(());
    }
    written.push(at);
    if at.0 - width > 150 {
        canvas.letters(text, (at.0 - 16, at.1 + 24), Anchor::Right)
    } else {
        canvas.letters(text, (at.0 - 4, at.1 + 32), Anchor::Left)
    }
}

/// Draws the differences of two systems by query, largest first.
pub(super) fn win_loss(id: &str, pair: &str, measure: &str, differences: &[f64]) -> Result<String, ReportError> {
    let mut sorted = differences.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let count = |keep: fn(f64) -> bool| sorted.iter().filter(|&&difference| keep(difference)).count();
    let (wins, losses) = (count(|difference| difference > 0.0), count(|difference| difference < 0.0));
    let ties = sorted.len() - wins - losses;
    let bars: Vec<f64> = (0..sorted.len().min(BARS_MAX))
        .map(|bar| {
            let bars = sorted.len().min(BARS_MAX);
            let shared = &sorted[bar * sorted.len() / bars..(bar + 1) * sorted.len() / bars];
            shared.iter().sum::<f64>() / shared.len() as f64
        })
        .collect();
    let shared = if sorted.len() > BARS_MAX { ", each bar the mean of several queries" } else { "" };
    let caption = Caption {
        id,
        title: format!("{pair}: difference in {measure} by query"),
        description: format!("Sorted differences{shared}: {wins} queries better, {ties} the same, {losses} worse."),
    };
    let x = Axis {
        range: 0.0..sorted.len() as f64,
        ticks: vec![(0.0, "0".to_owned()), (sorted.len() as f64, sorted.len().to_string())],
        label: format!("queries: {wins} better, {ties} the same, {losses} worse"),
    };
    let y = Axis::linear(bars.iter().copied().chain([0.0]), short(&format!("difference in {measure}"), 50));
    let width = sorted.len() as f64 / bars.len().max(1) as f64;
    draw(&caption, (&x, &y), HEIGHT, &[], |canvas| {
        for (series, sign) in [1.0, -1.0].into_iter().enumerate() {
            let places: Vec<usize> = (0..bars.len()).filter(|&at| bars[at] * sign > 0.0).collect();
            if bars.len() <= GAPS_MAX {
                for at in places {
                    let stretch = (at as f64 + 0.12) * width..(at as f64 + 0.88) * width;
                    canvas.bar(series, stretch, bars[at].min(0.0)..bars[at].max(0.0))?;
                }
            } else if let (Some(&first), Some(&last)) = (places.first(), places.last()) {
                let tops = places.iter().flat_map(|&at| [at, at + 1].map(|edge| (edge as f64 * width, bars[at])));
                let ends = [(first, 0.0), (last + 1, 0.0)].map(|(edge, y)| (edge as f64 * width, y));
                let outline: Vec<(f64, f64)> = [ends[0]].into_iter().chain(tops).chain([ends[1]]).collect();
                canvas.area(series, &outline)?;
            }
        }
        canvas.rule((0.0, 0.0), (sorted.len() as f64, 0.0))
    })
}

/// Draws the means at several cut-offs, a line a system; `None` for a system without a curve.
pub(super) fn cutoffs(
    id: &str,
    measure: &str,
    systems: &[String],
    curves: &[Option<&[CutoffPoint]>],
) -> Result<String, ReportError> {
    let points = || curves.iter().flatten().flat_map(|points| points.iter());
    let mut at: Vec<usize> = points().map(|point| point.cutoff.max(1)).collect();
    at.sort_unstable();
    at.dedup();
    let said: Vec<String> = (systems.iter().zip(curves))
        .filter_map(|(system, curve)| {
            let values: Vec<String> =
                (*curve)?.iter().map(|point| format!("{:.3} at {}", point.mean, point.cutoff)).collect();
            Some(format!("{system}: {}", values.join(", ")))
        })
        .collect();
    let caption = Caption { id, title: format!("{measure} by cut-off"), description: format!("{}.", said.join("; ")) };
    let mut x = Axis::logarithmic(at.iter().map(|&cutoff| cutoff as f64), "cut-off (logarithmic)");
    x.ticks = spread(&at, x.range.end - x.range.start);
    let y = Axis::linear(points().map(|point| point.mean), format!("mean {measure}"));
    draw(&caption, (&x, &y), HEIGHT, systems, |canvas| {
        for (number, points) in curves.iter().enumerate().filter_map(|(number, points)| Some((number, (*points)?))) {
            let places: Vec<(f64, f64)> =
                points.iter().map(|point| ((point.cutoff.max(1) as f64).log10(), point.mean)).collect();
            canvas.series(number, &places)?;
        }
        Ok(())
    })
}

/// Names the cut-offs as far as their names have room.
fn spread(cutoffs: &[usize], range: f64) -> Vec<(f64, String)> {
    let mut ticks: Vec<(f64, String)> = Vec::new();
    for cutoff in cutoffs {
        let at = (*cutoff as f64).log10();
        if ticks.last().is_none_or(|(last, _)| (at - last) / range > 0.07) {
            ticks.push((at, cutoff.to_string()));
        }
    }
    ticks
}

/// Draws the means of one measure with their intervals, a row a system; `None` without judged queries.
pub(super) fn means(id: &str, measure: &str, rows: &[(&str, Option<Interval>)]) -> Result<String, ReportError> {
    let reach = |interval: &Interval| {
        let half = interval.half_width.unwrap_or(0.0);
        [interval.mean - half, interval.mean + half]
    };
    let said: Vec<String> =
        rows.iter().map(|(name, mean)| format!("{name} {}", super::numbers::mean_with_interval(*mean))).collect();
    let caption = Caption {
        id,
        title: format!("Mean {measure} with intervals of 95 %"),
        description: format!("{}.", said.join("; ")),
    };
    let x = Axis::linear(rows.iter().filter_map(|(_, mean)| mean.as_ref()).flat_map(reach), format!("mean {measure}"));
    let y = Axis { range: -(rows.len() as f64)..0.0, ticks: Vec::new(), label: String::new() };
    draw(&caption, (&x, &y), 150 + 92 * rows.len() as i32, &[], |canvas| {
        for (row, (name, mean)) in rows.iter().enumerate() {
            let top = -(row as f64);
            let (left, at) = canvas.pixel(x.range.start, top - 0.28);
            canvas.letters(&short(name, 54), (left + 12, at), Anchor::Left)?;
            if let Some(mean) = mean {
                let [from, to] = reach(mean);
                canvas.whisker(row, from..to, top - 0.7)?;
                canvas.marker(row, mean.mean, top - 0.7)?;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(differences: &[f64], expect: &str) -> String {
        let svg = win_loss("x", "b \u{2212} a", "nDCG@10", differences).unwrap();
        assert!(svg.contains(expect), "{svg}");
        svg
    }

    #[test]
    fn few_queries_are_bars_and_many_are_areas() {
        let few = check(&[0.2, 0.0, -0.1], "Sorted differences: 1 queries better, 1 the same, 1 worse.");
        assert_eq!((few.matches("<rect").count(), few.matches("<polygon").count()), (2, 0));
        let many: Vec<f64> = (-300..300).map(|at| f64::from(at) / 300.0).collect();
        let many = check(&many, "each bar the mean of several queries: 299 queries better, 1 the same, 300 worse.");
        assert_eq!((many.matches("<rect").count(), many.matches("<polygon").count()), (0, 2));
        check(&[0.0; 100], "0 queries better, 100 the same, 0 worse.");
        check(&[], "0 queries better, 0 the same, 0 worse.");
    }

    #[test]
    fn cutoffs_are_named_as_far_as_there_is_room() {
        let names = |cutoffs: &[usize]| spread(cutoffs, 2.0).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
        assert_eq!(names(&[1, 10, 11, 100]), ["1", "10", "100"]);
    }

    #[test]
    fn a_drawing_scales_and_takes_the_ink_of_the_page() {
        let svg = check(&[0.1, 0.2], "viewBox=\"0 0 960 560\"");
        assert!(svg.contains("aria-labelledby=\"x-title x-desc\"") && svg.contains("<title id=\"x-title\">"));
        assert!(svg.contains("currentColor") && !svg.contains("#111111") && !svg.contains("width=\"960\""));
    }
}
