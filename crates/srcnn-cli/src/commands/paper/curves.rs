//! `srcnn paper curves`: trains the runs of experiments, and draws their curves in one chart per experiment.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use srcnn::codec::files::write_whole;
use srcnn::engine::Isa;
use srcnn_eval::figure::chart::{Chart, Curve, Level};
use srcnn_eval::report::{ChannelsEnd, CurveEnd, CurvesReport, LevelValue, Passing};
use srcnn_train::config::Config;
use srcnn_train::data::Pictures;
use srcnn_train::experiment::{self, Experiment, ExperimentError, Folders, Trial};
use srcnn_train::run::{End, Observer, Recorded, Row, Run};
use srcnn_train::validation::{ChannelScores, Validation};

use super::super::train::{Watch, names, usage, write_chart};
use crate::args::CurvesArgs;
use crate::names::shown;
use crate::outcome::{Outcome, Usage};
use crate::signals::stopped;
use crate::terminal::{Terminal, print_report};

pub fn run(args: &CurvesArgs, terminal: &Terminal) -> Result<Outcome> {
    if args.list {
        print_report(&list()?)?;
        return Ok(Outcome::Done);
    }
    let output = args.output.as_deref().expect("required where nothing is listed");
    let folders =
        Folders { data: args.data.clone(), large: args.large_data.clone(), benchmark: args.benchmark.clone() };
    // Errors of the last experiment are reported before the first takes hours.
    let charts = args.experiments.iter().map(|name| {
        let experiment = Experiment::find(name).map_err(wrong)?;
        Board::new(experiment, &folders, args.quick, output)
    });
    let mut charts = charts.collect::<Result<Vec<_>>>()?;
    distinct(&charts)?;
    if !args.force {
        charts.iter().try_for_each(Board::refuse_foreign)?;
    }
    let isa = args.isa.unwrap_or_else(Isa::best);
    for board in &mut charts {
        for i in 0..board.runs.len() {
            if stopped() || go(board, i, isa, terminal)? == End::Stopped {
                terminal.note("what is done is kept; go on with the same command");
                return Ok(Outcome::Interrupted);
            }
        }
    }
    let reports: Vec<CurvesReport> = charts.iter().map(Board::report).collect();
    print_report(&CurvesReport::render(&reports, args.format.into()))?;
    Ok(Outcome::Done)
}

/// Unknown names, missing folders and unfit runs are wrong usage; a damaged experiment file is not.
fn wrong(error: ExperimentError) -> anyhow::Error {
    match error {
        ExperimentError::Unknown { .. } | ExperimentError::NoLarge { .. } | ExperimentError::Run { .. } => {
            Usage(error.to_string()).into()
        }
        other => other.into(),
    }
}

fn list() -> Result<String> {
    let described = |experiment: &Experiment| {
        let contents = &experiment.contents;
        let lines: String =
            contents.description.trim().lines().map(|line| format!("  {line}").trim_end().to_owned() + "\n").collect();
        let labels: Vec<&str> = contents.runs.iter().map(|run| run.label.as_str()).collect();
        format!("{}: {}\n{lines}  Runs: {}.\n", experiment.name, contents.title, labels.join("; "))
    };
    let texts: Vec<String> = Experiment::paper()?.iter().map(described).collect();
    Ok(texts.join("\n"))
}

/// Refuses experiments that would write the same files, and different runs of one name.
fn distinct(boards: &[Board]) -> Result<()> {
    for (i, board) in boards.iter().enumerate() {
        for other in &boards[..i] {
            if other.experiment.name == board.experiment.name {
                return Err(Usage(format!("{} is named twice", board.experiment.name)).into());
            }
            let differs =
                |run: &&Planned| other.runs.iter().any(|o| o.config.name == run.config.name && o.config != run.config);
            if let Some(run) = board.runs.iter().find(differs) {
                let (a, b, name) = (&other.experiment.name, &board.experiment.name, &run.config.name);
                return Err(Usage(format!(
                    "{a} and {b} have different runs called {name}: give each a folder of its own"
                ))
                .into());
            }
        }
    }
    Ok(())
}

/// One run and its recorded course.
struct Planned {
    config: Config,
    trial: Trial,
    rows: Vec<Row>,
    channels: Option<ChannelScores>,
}

/// An experiment with its runs and its chart.
struct Board {
    experiment: Experiment,
    folder: PathBuf,
    runs: Vec<Planned>,
    bicubic: f64,
    bicubic_channels: Option<ChannelScores>,
}

/// Distance below the lowest level, in dB, from which points are left out of the chart.
const BELOW: f64 = 0.5;

/// Label of bicubic interpolation.
const BICUBIC: &str = "bicubic";

impl Board {
    fn new(experiment: Experiment, folders: &Folders, quick: bool, folder: &Path) -> Result<Self> {
        let planned = |trial: &Trial| {
            let config = experiment.config(trial, folders, quick).map_err(wrong)?;
            Ok(Planned { config, trial: trial.clone(), rows: Vec::new(), channels: None })
        };
        let runs = experiment.contents.runs.iter().map(planned).collect::<Result<Vec<_>>>()?;
        let first = &runs[0].config;
        let pictures = Pictures::find(first)?.benchmark;
        let bicubic = Validation::load_benchmark(first, &pictures)?.bicubic().psnr;
        let scored = || ChannelScores::of(first, &pictures, None);
        let bicubic_channels = experiment.contents.channels.then(scored).transpose()?;
        let mut board = Self { experiment, folder: folder.to_owned(), runs, bicubic, bicubic_channels };
        for run in &mut board.runs {
            run.rows = recorded(&board.folder.join(&run.config.name), &run.config)?.map_or(Vec::new(), |r| r.rows);
        }
        Ok(board)
    }

    /// The horizontal lines of the chart, bicubic first.
    fn levels(&self) -> Vec<LevelValue> {
        let published = self.experiment.contents.levels.iter();
        let published = published.map(|(name, psnr)| LevelValue { name: name.clone(), psnr: *psnr, measured: false });
        let bicubic = LevelValue { name: BICUBIC.to_owned(), psnr: self.bicubic, measured: true };
        std::iter::once(bicubic).chain(published).collect()
    }

    /// A file of the chart.
    fn file(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", self.experiment.name))
    }

    /// Refuses charts that are there although no run is.
    fn refuse_foreign(&self) -> Result<()> {
        let is_new = self.runs.iter().all(|run| run.rows.is_empty());
        let found = ["svg", "png", "csv"].map(|extension| self.file(extension));
        match found.iter().find(|path| is_new && path.symlink_metadata().is_ok()) {
            Some(path) => bail!("{}: exists, and no run is recorded beside it (--force replaces it)", shown(path)),
            None => Ok(()),
        }
    }

    /// Writes the chart and its points, as far as the runs have come.
    fn write(&self) -> io::Result<()> {
        let contents = &self.experiment.contents;
        let levels: Vec<Level> =
            self.levels().into_iter().map(|level| Level { name: level.name, value: level.psnr }).collect();
        let lowest = levels.iter().map(|l| l.value).fold(f64::INFINITY, f64::min) - BELOW;
        let curve = |run: &Planned| Curve { name: run.trial.label.clone(), points: risen(&points(&run.rows), lowest) };
        let chart = Chart {
            title: contents.title.clone(),
            x_label: "back-propagations".to_owned(),
            y_label: contents.axis.clone(),
            curves: self.runs.iter().map(curve).collect(),
            levels,
        };
        let path = self.folder.join(&self.experiment.name);
        write_chart(&chart, &path)?;
        let csv = experiment::to_csv(self.runs.iter().map(|run| (run.config.name.as_str(), &run.rows[..])));
        write_whole(&self.file("csv"), csv.as_bytes(), true)
    }

    /// The scores by channel, bicubic interpolation first; none if the experiment does not ask for them.
    fn channels(&self) -> Vec<ChannelsEnd> {
        let end = |label: &str, scores: ChannelScores, published| {
            let ChannelScores { y, cb, cr, rgb, ycbcr } = scores;
            ChannelsEnd { label: label.to_owned(), y, cb, cr, ycbcr, rgb, published }
        };
        let published = self.experiment.contents.bicubic_channels;
        let bicubic = self.bicubic_channels.map(|scores| end(BICUBIC, scores, published));
        let runs =
            self.runs.iter().filter_map(|run| Some(end(&run.trial.label, run.channels?, run.trial.published_channels)));
        bicubic.into_iter().chain(runs).collect()
    }

    /// The report of the finished experiment.
    fn report(&self) -> CurvesReport {
        let levels = self.levels();
        let end = |run: &Planned| {
            let points = points(&run.rows);
            let (back_propagations, psnr) = points.last().copied().unwrap_or((0, f64::NAN));
            let passing = |level: &LevelValue| {
                let passed = experiment::passed(&points, level.psnr)?;
                Some(Passing { after: passed.after, by: passed.by, for_good: passed.for_good })
            };
            CurveEnd {
                run: run.config.name.clone(),
                label: run.trial.label.clone(),
                parameters: run.config.architecture().map_or(0, |a| a.parameters()),
                back_propagations,
                psnr,
                published: run.trial.published,
                passed: levels.iter().map(passing).collect(),
            }
        };
        CurvesReport {
            experiment: self.experiment.name.clone(),
            title: self.experiment.contents.title.clone(),
            benchmark: names(&self.runs[0].config.benchmark),
            runs: self.runs.iter().map(end).collect(),
            levels,
            channels: self.channels(),
        }
    }
}

/// The part of a curve from where it first reaches `lowest`, which is interpolated as its first point; later values
/// below `lowest` are raised to it.
fn risen(points: &[(u64, f64)], lowest: f64) -> Vec<(f64, f64)> {
    let Some(first) = points.iter().position(|(_, y)| *y >= lowest) else { return Vec::new() };
    let foot = first.checked_sub(1).map(|before| {
        let ((x0, y0), (x1, y1)) = (points[before], points[first]);
        (x0 as f64 + (x1 - x0) as f64 * (lowest - y0) / (y1 - y0), lowest)
    });
    foot.into_iter().chain(points[first..].iter().map(|&(x, y)| (x as f64, y.max(lowest)))).collect()
}

fn points(rows: &[Row]) -> Vec<(u64, f64)> {
    rows.iter().filter_map(|row| Some((row.backpropagations, row.benchmark?))).collect()
}

/// The recorded course of a run, if its folder has one.
///
/// # Errors
/// If the folder has a run of another configuration.
fn recorded(folder: &Path, config: &Config) -> Result<Option<Recorded>> {
    let recorded = Recorded::read(folder)?;
    if let Some(recorded) = &recorded
        && recorded.config != *config
    {
        let fields = |config: &Config| config.to_toml().lines().map(str::to_owned).collect::<Vec<_>>();
        let (there, here) = (fields(&recorded.config), fields(config));
        let changed: Vec<_> = there.iter().filter(|line| !here.contains(line)).map(String::as_str).collect();
        let (path, changed) = (folder.join("config.toml"), changed.join(", "));
        let text = format!("{}: the run there is another one ({changed}): name another folder by -o", shown(path));
        return Err(Usage(text).into());
    }
    Ok(recorded)
}

/// Trains a run: begins it, resumes it, or finds it finished. Then writes the chart.
fn go(board: &mut Board, index: usize, isa: Isa, terminal: &Terminal) -> Result<End> {
    let config = board.runs[index].config.clone();
    let folder = board.folder.join(&config.name);
    let channels = board.experiment.contents.channels;
    let end = match recorded(&folder, &config)? {
        Some(recorded) if recorded.done && !channels => {
            terminal.note(&format!("{}: all {} steps are done", shown(folder), config.steps));
            board.runs[index].rows = recorded.rows;
            End::Done
        }
        there => {
            let run = if there.is_some() { Run::resume(&folder, isa) } else { Run::begin(&folder, config, isa) };
            let mut run = run.map_err(usage)?;
            let watch = Watch::begin(terminal, &run);
            let mut observer = Drawing { watch, board, index };
            let end = run.go(&mut observer).map_err(usage)?;
            drop(observer);
            if channels && end == End::Done {
                let scores = ChannelScores::of(run.config(), &run.pictures().benchmark, Some(&run.model()))?;
                board.runs[index].channels = Some(scores);
            }
            end
        }
    };
    board.write().with_context(|| shown(&board.folder))?;
    Ok(end)
}

/// Observer that shows a run's progress and redraws all curves after each validation.
struct Drawing<'a> {
    watch: Watch<'a>,
    board: &'a mut Board,
    index: usize,
}

impl Observer for Drawing<'_> {
    fn stepped(&mut self, steps: u64, loss: f64) {
        self.watch.stepped(steps, loss);
    }

    fn scored(&mut self, run: &Run, rows: &[Row]) -> io::Result<()> {
        self.watch.scored(run, rows)?;
        self.board.runs[self.index].rows = rows.to_vec();
        self.board.write()
    }

    fn stop(&self) -> bool {
        self.watch.stop()
    }
}
