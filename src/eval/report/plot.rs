//! What every plot shares: a frame with axes and a legend, colours, markers and dashes, as one scalable drawing.
//!
//! Plots are drawn with `plotters`, without fonts: nobody knows how wide a text is, so each has room to spare and is
//! anchored where it may not grow into anything. Axes stand in whole units; 960 of them are a plot's width, which a
//! phone shows at a third, so that letters are large.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::{BoldPoints, Ranged};
use plotters::coord::types::RangedCoordf64;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::ReportError;

/// The width of every plot.
pub(super) const WIDTH: i32 = 960;
const LEFT: i32 = 112;
const RIGHT: i32 = 36;
const TOP: i32 = 56;
const BELOW_AXIS: i32 = 92;
const LEGEND_ROW: i32 = 40;
/// Letters of about this many units; `plotters` divides by 1.24.
const LETTERS: f64 = 27.0 * 1.24;
/// Letters of a legend that surely fit.
const LEGEND_LETTERS: usize = 54;

/// The ink of axes and letters: replaced by the colour of the text around the plot, so that it shows on dark pages.
const INK: RGBColor = RGBColor(17, 17, 17);
const INK_WRITTEN: &str = "=\"#111111\"";
/// Shows on white and on black.
const GRID: RGBAColor = RGBAColor(128, 128, 128, 0.35);

/// Colours that colour-blind readers tell apart (Okabe and Ito, "Color Universal Design", 2008), without its yellow,
/// which is lost on white; the last is the ink.
const COLORS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    INK,
];
/// Units drawn and left free; the first is a line without gaps. Five dashes and seven colours make 35 lines.
const DASHES: [(i32, i32); 5] = [(0, 0), (22, 9), (5, 8), (40, 10), (12, 12)];
const MARKERS: usize = 6;

pub(super) type Drawn = Result<(), Box<dyn std::error::Error + Send + Sync>>;
type Plane = Cartesian2d<RangedCoordf64, RangedCoordf64>;

/// What a plot shows, for those who do not see it.
pub(super) struct Caption<'a> {
    /// Unique on the page; letters, digits and hyphens.
    pub(super) id: &'a str,
    pub(super) title: String,
    pub(super) description: String,
}

/// One axis: its ends, the places that are named, and what it shows.
pub(super) struct Axis {
    pub(super) range: Range<f64>,
    pub(super) ticks: Vec<(f64, String)>,
    pub(super) label: String,
}

impl Axis {
    /// An axis over some values, with a little room at both ends.
    pub(super) fn linear(values: impl IntoIterator<Item = f64>, label: impl Into<String>) -> Axis {
        let range = padded(values, 0.04);
        let at = RangedCoordf64::from(range.clone()).key_points(BoldPoints(6));
        let step = at.windows(2).map(|pair| pair[1] - pair[0]).fold(1.0, f64::min);
        let places = (-step.log10() - 1e-9).ceil().clamp(0.0, 6.0) as usize;
        // Rounding may leave −0.0.
        let ticks = at.into_iter().map(|at| (at, format!("{:.places$}", at + 0.0).replace('-', "\u{2212}"))).collect();
        Axis { range, ticks, label: label.into() }
    }

    /// An axis on which equal steps are equal factors; values are given, and drawn, as their logarithms.
    pub(super) fn logarithmic(values: impl IntoIterator<Item = f64>, label: impl Into<String>) -> Axis {
        let range = padded(values.into_iter().map(f64::log10), 0.06);
        let decades = range.start.floor() as i32..=range.end.ceil() as i32;
        let steps: &[f64] = if range.end - range.start > 2.5 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let mut at: Vec<f64> =
            decades.flat_map(|decade| steps.iter().map(move |step| step * 10_f64.powi(decade))).collect();
        at.retain(|at| range.contains(&at.log10()));
        if at.len() < 3 {
            let linear = RangedCoordf64::from(10_f64.powf(range.start)..10_f64.powf(range.end));
            at = linear.key_points(BoldPoints(6));
        }
        let ticks = at.into_iter().filter(|&at| at > 0.0).map(|at| (at.log10(), thousands(at))).collect();
        Axis { range, ticks, label: label.into() }
    }
}

/// The ends of some values with a share of their distance on both sides; around 0 without any.
fn padded(values: impl IntoIterator<Item = f64>, share: f64) -> Range<f64> {
    let ends = values.into_iter().fold(None, |ends: Option<(f64, f64)>, value| {
        Some(ends.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
    });
    let (low, high) = ends.unwrap_or((0.0, 0.0));
    let room = if high - low > 1e-9 { (high - low) * share } else { 0.1 };
    low - room..high + room
}

/// A number as short as a tick wants it, such as `20k`.
fn thousands(value: f64) -> String {
    let (scaled, unit) = match value {
        value if value >= 1e6 => (value / 1e6, "M"),
        value if value >= 1e3 => (value / 1e3, "k"),
        value => (value, ""),
    };
    format!("{}{unit}", (scaled * 1000.0).round() / 1000.0)
}

/// Where a text stands beside its point.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Left,
    Middle,
    Right,
}

/// A frame on which a plot draws in its own coordinates.
pub(super) struct Canvas<'a> {
    root: DrawingArea<SVGBackend<'a>, Shift>,
    plane: DrawingArea<SVGBackend<'a>, Plane>,
}

/// Draws a plot of a height (in units, without its legend): the axes, what `paint` paints, and the legend below.
pub(super) fn draw(
    caption: &Caption<'_>,
    (x, y): (&Axis, &Axis),
    height: i32,
    legend: &[String],
    paint: impl FnOnce(&Canvas<'_>) -> Drawn,
) -> Result<String, ReportError> {
    let whole = height + LEGEND_ROW * legend.len() as i32;
    let mut svg = String::new();
    let painted = (|| -> Drawn {
        let root = SVGBackend::with_string(&mut svg, (WIDTH as u32, whole as u32)).into_drawing_area();
        let inner = (LEFT..WIDTH - RIGHT, height - BELOW_AXIS..TOP);
        let plane = root.apply_coord_spec(Plane::new(x.range.clone(), y.range.clone(), inner));
        let canvas = Canvas { root, plane };
        canvas.axes(x, y, height)?;
        paint(&canvas)?;
        for (row, name) in legend.iter().enumerate() {
            canvas.legend(row, height + LEGEND_ROW * row as i32 + LEGEND_ROW / 2, name)?;
        }
        Ok(canvas.root.present()?)
    })();
    painted.map_err(|source| ReportError::Draw { title: caption.title.clone(), source })?;
    Ok(finish(caption, &svg, whole))
}

impl Canvas<'_> {
    fn axes(&self, x: &Axis, y: &Axis, height: i32) -> Drawn {
        let (top, bottom) = (TOP, height - BELOW_AXIS);
        for (at, name) in &y.ticks {
            let (_, at) = self.pixel(x.range.start, *at);
            self.root.draw(&PathElement::new(vec![(LEFT, at), (WIDTH - RIGHT, at)], GRID.stroke_width(2)))?;
            self.letters(name, (LEFT - 12, at), Anchor::Right)?;
        }
        for (at, name) in &x.ticks {
            let (at, _) = self.pixel(*at, y.range.start);
            self.root.draw(&PathElement::new(vec![(at, top), (at, bottom)], GRID.stroke_width(2)))?;
            self.letters(name, (at, bottom + 22), Anchor::Middle)?;
        }
        let frame = vec![(LEFT, top), (LEFT, bottom), (WIDTH - RIGHT, bottom)];
        self.root.draw(&PathElement::new(frame, INK.stroke_width(2)))?;
        self.letters(&y.label, (8, 24), Anchor::Left)?;
        self.letters(&x.label, ((LEFT + WIDTH - RIGHT) / 2, height - 28), Anchor::Middle)
    }

    fn legend(&self, series: usize, y: i32, name: &str) -> Drawn {
        self.root_line(series, vec![(LEFT, y), (LEFT + 80, y)])?;
        self.marker_at(series, (LEFT + 40, y))?;
        self.letters(&super::numbers::short(name, LEGEND_LETTERS), (LEFT + 100, y), Anchor::Left)
    }

    /// Returns where a point is drawn.
    pub(super) fn pixel(&self, x: f64, y: f64) -> (i32, i32) {
        self.plane.map_coordinate(&(x, y))
    }

    /// Writes a text.
    pub(super) fn letters(&self, text: &str, at: (i32, i32), anchor: Anchor) -> Drawn {
        let h_pos = match anchor {
            Anchor::Left => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::Right => HPos::Right,
        };
        let style = ("sans-serif", LETTERS, &INK).into_text_style(&self.root).pos(Pos::new(h_pos, VPos::Center));
        Ok(self.root.draw_text(text, &style, at)?)
    }

    /// Draws a line in the colour and dashes of a series, with its marker at each point.
    pub(super) fn series(&self, series: usize, points: &[(f64, f64)]) -> Drawn {
        let pixels: Vec<(i32, i32)> = points.iter().map(|&(x, y)| self.pixel(x, y)).collect();
        self.root_line(series, pixels.clone())?;
        pixels.into_iter().try_for_each(|at| self.marker_at(series, at))
    }

    fn root_line(&self, series: usize, points: Vec<(i32, i32)>) -> Drawn {
        let style = color(series).stroke_width(4);
        let (drawn, free) = DASHES[series % DASHES.len()];
        if free == 0 {
            return Ok(self.root.draw(&PathElement::new(points, style))?);
        }
        Ok(self.root.draw(&DashedPathElement::new(points, drawn, free, style))?)
    }

    /// Draws the marker of a series.
    pub(super) fn marker(&self, series: usize, x: f64, y: f64) -> Drawn {
        self.marker_at(series, self.pixel(x, y))
    }

    fn marker_at(&self, series: usize, (x, y): (i32, i32)) -> Drawn {
        let color = color(series);
        let square = [(x - 9, y - 9), (x + 9, y + 9)];
        match series % MARKERS {
            0 => self.root.draw(&Circle::new((x, y), 10, color.filled()))?,
            1 => self.root.draw(&TriangleMarker::new((x, y), 14, color.filled()))?,
            2 => self.root.draw(&Rectangle::new(square, color.filled()))?,
            3 => self.root.draw(&Cross::new((x, y), 10, color.stroke_width(5)))?,
            4 => self.root.draw(&Circle::new((x, y), 10, color.stroke_width(4)))?,
            _ => {
                let corners = vec![(x, y - 13), (x + 13, y), (x, y + 13), (x - 13, y)];
                self.root.draw(&Polygon::new(corners, color.filled()))?;
            }
        }
        Ok(())
    }

    /// Draws a bar between two values over a stretch of the x axis.
    pub(super) fn bar(&self, series: usize, x: Range<f64>, y: Range<f64>) -> Drawn {
        let corners = [self.pixel(x.start, y.end), self.pixel(x.end, y.start)];
        Ok(self.root.draw(&Rectangle::new(corners, color(series).filled()))?)
    }

    /// Fills an outline.
    pub(super) fn area(&self, series: usize, outline: &[(f64, f64)]) -> Drawn {
        let corners: Vec<(i32, i32)> = outline.iter().map(|&(x, y)| self.pixel(x, y)).collect();
        Ok(self.root.draw(&Polygon::new(corners, color(series).filled()))?)
    }

    /// Draws a stretch with a stop at both ends.
    pub(super) fn whisker(&self, series: usize, x: Range<f64>, y: f64) -> Drawn {
        let style = color(series).stroke_width(4);
        let ((from, at), (to, _)) = (self.pixel(x.start, y), self.pixel(x.end, y));
        self.root.draw(&PathElement::new(vec![(from, at), (to, at)], style))?;
        for end in [from, to] {
            self.root.draw(&PathElement::new(vec![(end, at - 9), (end, at + 9)], style))?;
        }
        Ok(())
    }

    /// Draws a thin line in ink.
    pub(super) fn rule(&self, from: (f64, f64), to: (f64, f64)) -> Drawn {
        let ends = vec![self.pixel(from.0, from.1), self.pixel(to.0, to.1)];
        Ok(self.root.draw(&PathElement::new(ends, INK.stroke_width(2)))?)
    }
}

fn color(series: usize) -> RGBColor {
    COLORS[series % COLORS.len()]
}

/// Makes the drawing scale, take the colour of the text around it, and say what it shows.
fn finish(caption: &Caption<'_>, svg: &str, height: i32) -> String {
    let body = svg.split_once('>').map_or("", |(_, body)| body);
    let body =
        body.replace(INK_WRITTEN, "=\"currentColor\"").replace(" opacity=\"1\"", "").replace(" stroke=\"none\"", "");
    let Caption { id, title, description } = caption;
    let words = maud::html! {
        title id={ (id) "-title" } { (title) }
        desc id={ (id) "-desc" } { (description) }
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-desc\">{}{body}",
        words.into_string()
    )
}
