use std::collections::BTreeMap;

use super::*;
use crate::config::Optimiser;
use crate::run::Row;

fn folders() -> Folders {
    let one = |name: &str| vec![PathBuf::from(name)];
    Folders { data: one("few"), large: one("many"), benchmark: one("five") }
}

const TWO: &str = "title = 't'\ndescription = 'd'\nlevels = { other = 31.5 }\n\
    base = { preset = 'paper', steps = 500, batch = 8, rates = [1e-4, 1e-4, 1e-5] }\n\
    quick = { steps = 50, rates = [1e-3], optimiser = 'adam' }\n\
    [[runs]]\nname = 'a'\nlabel = 'A'\npublished = 32.0\n\
    [[runs]]\nname = 'b'\nlabel = 'B'\nlarge = true\nset = { steps = 700, batch = 2 }\nquick = { rates = [2e-3] }\n";

#[test]
fn every_experiment_of_the_paper_is_valid_and_runs_of_one_name_are_the_same() {
    let mut known = BTreeMap::new();
    for experiment in Experiment::paper().unwrap_or_else(|e| panic!("{e}")) {
        assert!(Experiment::names().contains(&experiment.name.as_str()));
        for run in &experiment.contents.runs {
            for quick in [false, true] {
                let config = experiment.config(run, &folders(), quick).unwrap_or_else(|e| panic!("{e}"));
                assert_eq!(config.benchmark, folders().benchmark);
                // Nothing but the pictures held out may decide.
                assert!(config.hold_out > 0 && config.validation.is_empty(), "{}: {}", experiment.name, run.name);
                let first = known.entry((run.name.clone(), quick)).or_insert_with(|| config.clone());
                assert_eq!(*first, config, "{}: {}", experiment.name, run.name);
            }
        }
    }
}

#[test]
fn a_run_is_the_base_then_what_it_sets_then_what_is_quick() {
    let experiment = Experiment::parse("two", "two.toml", TWO).expect("an experiment");
    let runs = &experiment.contents.runs;
    let config = |i: usize, quick| experiment.config(&runs[i], &folders(), quick).expect("a configuration");
    let (a, b) = (config(0, false), config(1, false));
    assert_eq!((a.steps, a.batch, a.optimiser), (500, 8, Optimiser::Sgd));
    assert_eq!((b.steps, b.batch, &b.rates[..]), (700, 2, &[1e-4, 1e-4, 1e-5][..]));
    assert_eq!((a.name.as_str(), a.levels["other"]), ("a", 31.5));
    assert_eq!((&a.data, &b.data), (&folders().data, &folders().large));
    let (a, b) = (config(0, true), config(1, true));
    assert_eq!((a.steps, &a.rates[..], a.optimiser), (50, &[1e-3][..], Optimiser::Adam));
    assert_eq!((b.steps, b.batch, &b.rates[..]), (50, 2, &[2e-3][..]));
}

#[test]
fn folders_that_are_not_named_are_those_of_the_experiment() {
    let text = TWO
        .replace("base = { ", "base = { data = ['own'], benchmark = ['mine'], ")
        .replace("batch = 2", "data = ['b']");
    let experiment = Experiment::parse("two", "two.toml", &text).expect("an experiment");
    let runs = &experiment.contents.runs;
    let own = experiment.config(&runs[0], &Folders::default(), false).expect("a configuration");
    assert_eq!((own.data, own.benchmark), (vec!["own".into()], vec!["mine".into()]));
    for folders in [Folders::default(), folders()] {
        let set = experiment.config(&runs[1], &folders, false).expect("a configuration");
        assert_eq!(set.data, [PathBuf::from("b")]);
    }
}

#[test]
fn what_is_no_experiment_is_refused_and_says_where() {
    let cases = [
        ("title = ", "two.toml: "),
        (&TWO.replace("title", "titel"), "titel"),
        (&TWO.replace("published", "publish"), "publish"),
        (&TWO.replace("'b'", "'a'"), "one name"),
        (&TWO.replace("'B'", "'A'"), "one label"),
        (&TWO.replace("'b'", "'../b'"), "letters"),
        (&TWO.replace("31.5", "inf"), "finite"),
        (&TWO.replace("steps = 700", "stepz = 700"), "two.toml: run b: unknown field `stepz`"),
        (&TWO.replace("batch = 2", "batch = 0"), "two.toml: run b: batch is 1 to 4096"),
        (&TWO.replace("rates = [1e-3]", "rates = [1e-3, 1e-4]"), "two.toml: run a: rates"),
        (&TWO.replace("'b'", "'checkpoint'"), "name"),
        ("title = 't'\ndescription = 'd'\nruns = []", "no run"),
    ];
    for (text, part) in cases {
        let error = Experiment::parse("two", "two.toml", text).expect_err(part).to_string();
        assert!(error.starts_with("two.toml: ") && error.contains(part), "{error}");
    }
    let experiment = Experiment::parse("two", "two.toml", TWO).expect("an experiment");
    let none = Folders { large: Vec::new(), ..folders() };
    let error = experiment.config(&experiment.contents.runs[1], &none, true).expect_err("too little").to_string();
    assert!(error.contains("--large-data"), "{error}");
    let error = Experiment::find(Path::new("nothing")).expect_err("no file").to_string();
    assert!(error.contains("`nothing`") && error.contains("first-figure"), "{error}");
}

#[test]
fn a_level_is_passed_at_the_first_point_that_is_not_below_it() {
    let points = [(0, 6.5), (100, 30.0), (200, 30.5), (300, 31.5), (400, 31.3), (500, 31.6)];
    let found = |level| passed(&points, level);
    assert_eq!(found(30.4), Some(Passed { after: Some(100), by: 200, for_good: true }));
    assert_eq!(found(30.5), Some(Passed { after: Some(100), by: 200, for_good: true }));
    assert_eq!(found(31.42), Some(Passed { after: Some(200), by: 300, for_good: false }));
    assert_eq!(found(6.0), Some(Passed { after: None, by: 0, for_good: true }));
    assert_eq!(found(31.7), None);
    assert_eq!(passed(&[], 0.0), None);
    assert_eq!(passed(&[(0, f64::NAN)], 0.0), None);
}

#[test]
fn the_points_of_all_runs_become_one_table_without_times() {
    let row = |step, loss| Row {
        step,
        backpropagations: 4 * step,
        seconds: 3.25,
        rate: 0.5,
        loss,
        validation: 27.5,
        benchmark: Some(30.25),
    };
    let (a, b) = ([row(0, None), row(2, Some(0.5))], [row(0, None)]);
    let expected = "run,step,backpropagations,loss,validation_psnr,benchmark_psnr\n\
                    a,0,0,,27.5,30.25\na,2,8,0.5,27.5,30.25\nb,0,0,,27.5,30.25\n";
    assert_eq!(to_csv([("a", &a[..]), ("b", &b[..])]), expected);
}
