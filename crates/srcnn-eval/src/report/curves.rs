//! The report of `srcnn paper curves`.

use std::fmt::Write;

use serde::Serialize;

use super::format::{Format, finite_or_inf, json, quoted, table};

/// Results of an experiment's runs.
#[derive(Clone, Debug, Serialize)]
pub struct CurvesReport {
    /// Name of the experiment.
    pub experiment: String,
    /// Title of the experiment.
    pub title: String,
    /// Name of the benchmark set.
    pub benchmark: String,
    /// PSNR of other methods.
    pub levels: Vec<LevelValue>,
    /// One entry for each run.
    pub runs: Vec<CurveEnd>,
    /// PSNR by channels, bicubic interpolation first; empty if not measured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<ChannelsEnd>,
}

/// Mean PSNR by channels, in dB; an infinite one is the string `inf` in JSON.
#[derive(Clone, Debug, Serialize)]
pub struct ChannelsEnd {
    /// The run's label in the legend.
    pub label: String,
    /// Y.
    #[serde(serialize_with = "finite_or_inf")]
    pub y: f64,
    /// Cb.
    #[serde(serialize_with = "finite_or_inf")]
    pub cb: f64,
    /// Cr.
    #[serde(serialize_with = "finite_or_inf")]
    pub cr: f64,
    /// Y, Cb and Cr together.
    #[serde(serialize_with = "finite_or_inf")]
    pub ycbcr: f64,
    /// Red, green and blue together.
    #[serde(serialize_with = "finite_or_inf")]
    pub rgb: f64,
    /// Published values for Y, Cb, Cr, and the three together.
    pub published: Option<[f64; 4]>,
}

/// PSNR of another method.
#[derive(Clone, Debug, Serialize)]
pub struct LevelValue {
    /// Name of the method.
    pub name: String,
    /// Mean PSNR in dB.
    pub psnr: f64,
    /// Whether the value was measured by this run; otherwise it is a published one.
    pub measured: bool,
}

/// Result of one run.
#[derive(Clone, Debug, Serialize)]
pub struct CurveEnd {
    /// Name of the run.
    pub run: String,
    /// Its label in the legend.
    pub label: String,
    /// Number of weights and biases.
    pub parameters: usize,
    /// Back-propagations: sub-images times steps.
    pub back_propagations: u64,
    /// Mean PSNR of the benchmark at the end, in dB.
    pub psnr: f64,
    /// The published value in dB.
    pub published: Option<f64>,
    /// Where the curve passed each of the levels; none where it did not.
    pub passed: Vec<Option<Passing>>,
}

/// The interval in which a curve passed a level, in back-propagations.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Passing {
    /// The last point below the level; none if the first point was not below.
    pub after: Option<u64>,
    /// The first point that is not below the level.
    pub by: u64,
    /// Whether no later point is below the level.
    pub for_good: bool,
}

impl CurvesReport {
    /// Writes reports, with a final newline.
    pub fn render(reports: &[Self], format: Format) -> String {
        match format {
            Format::Json => json(&reports),
            Format::Csv => {
                let head = "experiment,run,label,parameters,backpropagations,psnr,published_psnr\n".to_owned();
                let ends = head + &reports.iter().map(Self::lines).collect::<String>();
                let channels: String = reports.iter().map(Self::channel_lines).collect();
                if channels.is_empty() {
                    return ends;
                }
                let head = "experiment,label,y,cb,cr,ycbcr,rgb,published_y,published_cb,published_cr,published_ycbcr";
                format!("{ends}\n{head}\n{channels}")
            }
            Format::Text | Format::Markdown => {
                let texts: Vec<String> = reports.iter().map(|report| report.text(format)).collect();
                texts.join("\n")
            }
        }
    }

    /// Lines of CSV: one for each run.
    fn lines(&self) -> String {
        let line = |end: &CurveEnd| {
            let (name, label) = (quoted(&self.experiment), quoted(&end.label));
            let published = end.published.map_or(String::new(), |p| p.to_string());
            let CurveEnd { run, parameters, back_propagations, psnr, .. } = end;
            format!("{name},{run},{label},{parameters},{back_propagations},{psnr},{published}\n")
        };
        self.runs.iter().map(line).collect()
    }

    /// Lines of CSV: PSNR by channels.
    fn channel_lines(&self) -> String {
        let line = |end: &ChannelsEnd| {
            let ours = [end.y, end.cb, end.cr, end.ycbcr, end.rgb].map(|v| v.to_string()).join(",");
            let published = end.published.map_or(",,,".to_owned(), |p| p.map(|v| v.to_string()).join(","));
            format!("{},{},{ours},{published}\n", quoted(&self.experiment), quoted(&end.label))
        };
        self.channels.iter().map(line).collect()
    }

    /// A table of PSNR by channels beside the published values.
    fn channel_table(&self, format: Format) -> String {
        let head = ["dB", "Y", "paper", "Cb", "paper", "Cr", "paper", "YCbCr", "paper", "RGB"];
        let rows = self.channels.iter().map(|end| {
            let mut row = vec![end.label.clone()];
            for (i, value) in [end.y, end.cb, end.cr, end.ycbcr].into_iter().enumerate() {
                row.extend([format!("{value:.2}"), end.published.map_or(String::new(), |p| format!("{:.2}", p[i]))]);
            }
            row.push(format!("{:.2}", end.rgb));
            row
        });
        table(&head, &rows.collect::<Vec<_>>(), format)
    }

    /// Text or Markdown.
    fn text(&self, format: Format) -> String {
        let head = ["run", "parameters", "back-propagations", "PSNR dB", "paper dB"];
        let published = |value: Option<f64>| value.map_or(String::new(), |v| format!("{v:.2}"));
        let ends = self.runs.iter().map(|end| {
            let (parameters, count) = (end.parameters.to_string(), end.back_propagations.to_string());
            vec![end.label.clone(), parameters, count, format!("{:.2}", end.psnr), published(end.published)]
        });
        let levels = self.levels.iter().map(|level| {
            let value = format!("{:.2}", level.psnr);
            let (measured, published) = if level.measured { (value, String::new()) } else { (String::new(), value) };
            vec![level.name.clone(), String::new(), String::new(), measured, published]
        });
        let rows: Vec<Vec<String>> = levels.chain(ends).collect();
        let mut text =
            format!("{}: {}, {}\n\n{}\n", self.experiment, self.title, self.benchmark, table(&head, &rows, format));
        if !self.channels.is_empty() {
            text = text + &self.channel_table(format) + "\n";
        }
        for sentence in self.sentences() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}{sentence}", if format == Format::Markdown { "- " } else { "" });
        }
        text
    }

    /// A sentence for each curve and level: where the curve passed it.
    fn sentences(&self) -> impl Iterator<Item = String> + '_ {
        self.runs.iter().flat_map(|end| {
            let levels = self.levels.iter().zip(&end.passed);
            levels.map(|(level, passing)| {
                let method = format!("{} ({:.2} dB)", level.name, level.psnr);
                let Some(Passing { after, by, for_good }) = *passing else {
                    return format!("{} does not pass {method}.", end.label);
                };
                let when = match after {
                    Some(after) => format!("between {after} and {by} back-propagations"),
                    None => "from the beginning".to_owned(),
                };
                let held = if for_good { "" } else { ", but falls below it again" };
                format!("{} passes {method} {when}{held}.", end.label)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> CurvesReport {
        let level = |name: &str, psnr, measured| LevelValue { name: name.to_owned(), psnr, measured };
        let passing = |after, by, for_good| Some(Passing { after, by, for_good });
        let end = |run: &str, label: &str, passed| CurveEnd {
            run: run.to_owned(),
            label: label.to_owned(),
            parameters: 8129,
            back_propagations: 1600,
            psnr: 31.5,
            published: (run == "a").then_some(32.39),
            passed,
        };
        CurvesReport {
            experiment: "two".to_owned(),
            title: "Two".to_owned(),
            benchmark: "set5".to_owned(),
            levels: vec![level("bicubic", 30.392, true), level("other", 31.42, false)],
            runs: vec![
                end("a", "9-1-5, a", vec![passing(Some(100), 200, true), passing(Some(300), 400, false)]),
                end("b", "9-3-5", vec![passing(None, 0, true), None]),
            ],
            channels: Vec::new(),
        }
    }

    #[test]
    fn a_table_of_ends_is_followed_by_where_levels_were_passed() {
        let text = CurvesReport::render(&[report()], Format::Text);
        for part in [
            "two: Two, set5\n\nrun       parameters",
            "\nbicubic                                    30.39\n",
            "\nother                                                31.42\n",
            "\n9-1-5, a        8129               1600    31.50     32.39\n",
            "\n9-1-5, a passes bicubic (30.39 dB) between 100 and 200 back-propagations.\n",
            "\n9-1-5, a passes other (31.42 dB) between 300 and 400 back-propagations, but falls below it again.\n",
            "\n9-3-5 passes bicubic (30.39 dB) from the beginning.\n9-3-5 does not pass other (31.42 dB).\n",
        ] {
            assert!(text.contains(part), "{part}\nis not in\n{text}");
        }
        let markdown = CurvesReport::render(&[report(), report()], Format::Markdown);
        assert_eq!(markdown.matches("\n- 9-3-5 does not pass").count(), 2, "{markdown}");
    }

    #[test]
    fn channels_stand_beside_what_the_paper_has() {
        let end = |label: &str, cr, published| ChannelsEnd {
            label: label.to_owned(),
            y: 30.392,
            cb: 45.449,
            cr,
            ycbcr: 34.567,
            rgb: 28.609,
            published,
        };
        let channels = vec![end("bicubic", 45.416, Some([30.39, 45.44, 45.42, 34.57])), end("x", f64::INFINITY, None)];
        let report = CurvesReport { channels, ..report() };
        let text = CurvesReport::render(std::slice::from_ref(&report), Format::Text);
        assert!(text.contains("\nbicubic  30.39  30.39  45.45  45.44  45.42  45.42  34.57  34.57  28.61\n"), "{text}");
        let csv = CurvesReport::render(std::slice::from_ref(&report), Format::Csv);
        assert!(csv.contains("\ntwo,bicubic,30.392,45.449,45.416,34.567,28.609,30.39,45.44,45.42,34.57\n"), "{csv}");
        assert!(csv.ends_with("\ntwo,x,30.392,45.449,inf,34.567,28.609,,,,\n"), "{csv}");
        let json = CurvesReport::render(&[report], Format::Json);
        assert!(json.contains("\"cr\":\"inf\",\"ycbcr\":34.567") && json.contains("[30.39,45.44"), "{json}");
    }

    #[test]
    fn csv_has_a_line_a_run_and_json_all_figures() {
        let csv = CurvesReport::render(&[report()], Format::Csv);
        let expected = "experiment,run,label,parameters,backpropagations,psnr,published_psnr\n\
                        two,a,\"9-1-5, a\",8129,1600,31.5,32.39\ntwo,b,9-3-5,8129,1600,31.5,\n";
        assert_eq!(csv, expected);
        let json = CurvesReport::render(&[report()], Format::Json);
        assert!(json.starts_with("[{\"experiment\":\"two\"") && json.contains("\"published\":null"), "{json}");
        assert!(json.contains("\"passed\":[{\"after\":100,\"by\":200,\"for_good\":true}"), "{json}");
    }
}
