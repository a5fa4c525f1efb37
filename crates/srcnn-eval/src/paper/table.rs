//! Tables of measured and published figures.

use serde::Serialize;
use srcnn::metrics::Scores;

use super::published::{self, Method, Set};
use crate::report::{self, finite_or_inf, json, quoted};

/// The format of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A format of all reports.
    Report(report::Format),
    /// A LaTeX `tabular` for each set and factor.
    Latex,
}

/// Measured means beside published ones.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PaperTable {
    /// One cell for each set, factor and method, in the order of the measurements.
    pub cells: Vec<Cell>,
}

/// Means of a method over a set at a factor.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// Name of the set.
    pub set: String,
    /// The factor.
    pub scale: usize,
    /// The method, as named by the user.
    pub method: String,
    /// Number of pictures.
    pub pictures: usize,
    /// PSNR in dB.
    #[serde(serialize_with = "finite_or_inf")]
    pub psnr: f64,
    /// SSIM, at most 1.
    pub ssim: f64,
    /// Mean time of the restoration of a picture in seconds.
    pub seconds: f64,
    /// Published PSNR in dB.
    pub published_psnr: Option<f64>,
    /// Published SSIM.
    pub published_ssim: Option<f64>,
}

impl Cell {
    /// The means over the scores of a set's pictures; none without pictures. `seconds` is the mean time of a restoration.
    pub fn new(
        set: &str,
        scale: usize,
        (name, method): (&str, Option<Method>),
        scores: &[Scores],
        seconds: f64,
    ) -> Option<Self> {
        let mean = Scores::mean(scores)?;
        let printed = Set::of_name(set).zip(method).and_then(|(set, method)| published::of(set, method, scale));
        Some(Self {
            set: set.to_owned(),
            scale,
            method: name.to_owned(),
            pictures: scores.len(),
            psnr: mean.psnr,
            ssim: mean.ssim,
            seconds,
            published_psnr: printed.map(|printed| printed.psnr),
            published_ssim: printed.and_then(|printed| printed.ssim),
        })
    }

    /// The columns of [`HEAD`].
    fn figures(&self) -> Vec<String> {
        let or_dash = |v: Option<f64>, decimals: usize| v.map_or_else(|| "-".to_owned(), |v| format!("{v:.decimals$}"));
        vec![
            self.method.clone(),
            format!("{:.2}", self.psnr),
            or_dash(self.published_psnr, 2),
            difference(self.psnr, self.published_psnr, 2),
            format!("{:.4}", self.ssim),
            or_dash(self.published_ssim, 4),
            difference(self.ssim, self.published_ssim, 4),
            format!("{:.3}", self.seconds),
        ]
    }
}

/// The difference from a published figure, or `=` if it is at most one unit of the last published digit.
fn difference(ours: f64, printed: Option<f64>, decimals: i32) -> String {
    let Some(printed) = printed else { return String::new() };
    let difference = ours - printed;
    // One unit, and half a unit for the rounding of the published figure.
    if difference.abs() < 1.5 * 10f64.powi(-decimals) {
        return "=".to_owned();
    }
    format!("{difference:+.*}", decimals as usize)
}

const HEAD: [&str; 8] = ["method", "PSNR dB", "printed", "differs", "SSIM", "printed", "differs", "s a picture"];

impl PaperTable {
    /// Writes the table, with a final newline.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Report(report::Format::Json) => json(self),
            Format::Report(report::Format::Csv) => self.csv(),
            Format::Report(format @ (report::Format::Text | report::Format::Markdown)) => {
                let part = |(title, cells): (String, Vec<&Cell>)| {
                    let rows: Vec<Vec<String>> = cells.iter().map(|cell| cell.figures()).collect();
                    format!("{title}\n\n{}", report::table(&HEAD, &rows, format))
                };
                self.parts().into_iter().map(part).collect::<Vec<_>>().join("\n")
            }
            Format::Latex => self.parts().into_iter().map(|(title, cells)| latex(&title, &cells)).collect(),
        }
    }

    /// The cells of each set and factor, with a title.
    fn parts(&self) -> Vec<(String, Vec<&Cell>)> {
        let mut parts: Vec<(String, Vec<&Cell>)> = Vec::new();
        for cell in &self.cells {
            let pictures =
                if cell.pictures == 1 { "one picture".to_owned() } else { format!("{} pictures", cell.pictures) };
            let title = format!("{}, x{} ({pictures})", cell.set, cell.scale);
            match parts.iter_mut().find(|(t, _)| *t == title) {
                Some((_, cells)) => cells.push(cell),
                None => parts.push((title, vec![cell])),
            }
        }
        parts
    }

    fn csv(&self) -> String {
        let optional = |v: Option<f64>| v.map_or_else(String::new, |v| v.to_string());
        let line = |c: &Cell| {
            format!(
                "{},{},{},{},{},{},{},{},{}\n",
                quoted(&c.set),
                c.scale,
                quoted(&c.method),
                c.pictures,
                c.psnr,
                c.ssim,
                c.seconds,
                optional(c.published_psnr),
                optional(c.published_ssim)
            )
        };
        "set,scale,method,pictures,psnr,ssim,seconds,published_psnr,published_ssim\n".to_owned()
            + &self.cells.iter().map(line).collect::<String>()
    }
}

fn latex(title: &str, cells: &[&Cell]) -> String {
    let line = |fields: &[String]| fields.iter().map(|f| escaped(f)).collect::<Vec<_>>().join(" & ") + " \\\\\n";
    let head = line(&HEAD.map(str::to_owned));
    let rows: String = cells.iter().map(|cell| line(&cell.figures())).collect();
    let title = escaped(title);
    format!("% {title}\n\\begin{{tabular}}{{lrrrrrrr}}\n\\hline\n{head}\\hline\n{rows}\\hline\n\\end{{tabular}}\n")
}

/// Text with LaTeX's special characters escaped.
fn escaped(text: &str) -> String {
    let escape = |c: char| match c {
        '\\' => "\\textbackslash{}".to_owned(),
        '~' => "\\textasciitilde{}".to_owned(),
        '^' => "\\textasciicircum{}".to_owned(),
        '&' | '%' | '$' | '#' | '_' | '{' | '}' => format!("\\{c}"),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> PaperTable {
        let scores = |psnr, ssim| [Scores { psnr, mse: 1.0, ssim }];
        let cell = |name: &str, method, psnr, ssim| {
            Cell::new("Set5", 3, (name, method), &scores(psnr, ssim), 0.25).expect("a picture")
        };
        let cells = vec![
            cell("bicubic", Some(Method::Bicubic), 30.3922, 0.86821),
            cell("a+", Some(Method::APlus), 32.7, 0.9),
            cell("my_net", None, 33.0, 0.95),
        ];
        PaperTable { cells }
    }

    #[test]
    fn differences_are_marked() {
        let text = table().render(Format::Report(report::Format::Text));
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[0].join(" "), "Set5, x3 (one picture)");
        assert_eq!(lines[3], ["bicubic", "30.39", "30.39", "=", "0.8682", "0.8682", "=", "0.250"]);
        assert_eq!(lines[4], ["a+", "32.70", "32.59", "+0.11", "0.9000", "0.9088", "-0.0088", "0.250"]);
        assert_eq!(lines[5], ["my_net", "33.00", "-", "0.9500", "-", "0.250"]);
    }

    #[test]
    fn csv_and_latex_hold_the_same() {
        let csv = table().render(Format::Report(report::Format::Csv));
        assert!(csv.contains("\nSet5,3,a+,1,32.7,0.9,0.25,32.59,0.9088\n"), "{csv}");
        let latex = table().render(Format::Latex);
        assert!(latex.contains("a+ & 32.70 & 32.59 & +0.11 & 0.9000 & 0.9088 & -0.0088 & 0.250 \\\\"), "{latex}");
        assert!(latex.contains("my\\_net & 33.00 & - &  & 0.9500"), "{latex}");
    }
}
