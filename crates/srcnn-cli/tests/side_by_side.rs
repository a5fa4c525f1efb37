//! Pictures that are processed side by side, and where the time of a command goes.

mod workspace;

use srcnn::codec::{EncodeOptions, FileFormat, encode};
use srcnn::image::{Image, Pixels};
use workspace::Workspace;

/// A picture that differs from others of another seed.
fn picture(width: usize, height: usize, seed: usize) -> Vec<u8> {
    let sample = |i: usize| ((i / 3 * 7 + i * i / 500 * seed + seed * 31) % 256) as u8;
    let pixels = Pixels::new(width, height, 3, (0..width * height * 3).map(sample).collect()).expect("filled");
    let image = Image::from_u8(pixels).expect("RGB");
    encode(&image, FileFormat::Png, &EncodeOptions::default()).expect("it fits")
}

/// A folder of small pictures, large ones (above a megapixel), and a broken one.
fn mixed() -> Workspace {
    let w = Workspace::new();
    std::fs::create_dir(w.path("in")).expect("room");
    for i in 0..9 {
        let (width, height) = if i % 4 == 1 { (1300, 900) } else { (60 + i, 50) };
        std::fs::write(w.path(&format!("in/{i}.png")), picture(width, height, i)).expect("room");
    }
    std::fs::write(w.path("in/4b.png"), "no picture").expect("room");
    w
}

#[test]
fn the_number_of_jobs_changes_neither_pictures_nor_order() {
    let w = mixed();
    let report = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(w.path(name)).expect("there")).expect("JSON")
    };
    let mut told = Vec::new();
    for (folder, jobs) in
        [("auto", ""), ("one", "-j 1"), ("four", "-j 4"), ("thread", "--threads 1"), ("many", "--threads 3")]
    {
        let command = format!("upscale in -o {folder} -m bicubic --min-size 60x50 --report {folder}.json {jobs}");
        let output = w.srcnn(&command).fails(1, &["in/4b.png", "1 of 10 failed"]).err;
        told.push(output);
        let report = report(&format!("{folder}.json"));
        let inputs: Vec<_> = report["files"].as_array().expect("files").iter().map(|f| f["input"].clone()).collect();
        let expected = ["0", "1", "2", "3", "4", "4b", "5", "6", "7", "8"].map(|name| format!("in/{name}.png"));
        assert_eq!(inputs, expected, "{folder}");
        for i in 0..9 {
            let name = format!("{i}.png");
            let read = |folder: &str| std::fs::read(w.path(&format!("{folder}/{name}"))).expect("written");
            assert!(read(folder) == read("auto"), "{folder}/{name}");
        }
    }
    let [auto, others @ ..] = &told[..] else { panic!("five runs") };
    assert!(auto.matches("large enough").count() == 9, "{auto}");
    assert!(others.iter().all(|other| other == auto), "messages in the order of the files: {told:?}");
}

#[test]
fn what_needs_more_memory_than_its_share_gets_all_of_it() {
    let w = Workspace::new();
    std::fs::create_dir(w.path("in")).expect("room");
    let flat = Image::from_u8(Pixels::new(690, 690, 3, vec![90; 690 * 690 * 3]).expect("filled")).expect("RGB");
    let flat = encode(&flat, FileFormat::Png, &EncodeOptions::default()).expect("it fits");
    for i in 0..6 {
        std::fs::write(w.path(&format!("in/{i}.png")), &flat).expect("room");
    }
    // WebP is held as a whole: twice 23 MB in half of a share of 256 MB, of which there are four with two threads.
    w.srcnn("upscale in -o out -m bicubic -s 4 -f webp --max-memory 256M --threads 2").ok();
    assert_eq!(w.names("out").len(), 6);
    assert_eq!(w.image("out/5.webp").size(), (2760, 2760));
    w.srcnn("upscale in -o other -m bicubic -s 4 -f webp --max-memory 256M -j 4").fails(1, &["--max-memory"]);
}

#[test]
fn a_batch_of_all_sizes_that_was_done_is_done() {
    let w = mixed();
    std::fs::remove_file(w.path("in/4b.png")).expect("there");
    w.srcnn("upscale in -o out -m bicubic -s 2").ok();
    let again = w.srcnn("upscale in -o out -m bicubic -s 2").ok().err;
    assert!(again.contains("9 of 9 files were done already"), "{again}");
}

#[test]
fn what_takes_time_is_said_by_stage() {
    let w = mixed();
    let said = w.srcnn("upscale in/1.png -o out.jpg -m srcnn-915 -s 1.1 -v").ok().err;
    let line = said.lines().find(|line| line.starts_with("milliseconds by stage")).expect("a line of stages");
    let spent = |stage: &str| -> [u64; 2] {
        let figures = line.split_once(&format!("{stage} ")).expect("each stage").1;
        let figures = figures.split(',').next().expect("wall and processor");
        let (wall, processor) = figures.split_once('/').expect("wall and processor");
        [wall, processor].map(|n| n.parse().expect("a number"))
    };
    let network = spent("network");
    assert!(network[0] > 0, "{line}");
    for stage in ["decode", "planes", "resampling", "back", "encode", "write"] {
        assert!(spent(stage)[1] <= network[1].max(20), "the network takes most: {line}");
    }
    let quiet = w.srcnn("upscale in/1.png -o other.jpg -m srcnn-915 -s 1.1").ok().err;
    assert!(!quiet.contains("milliseconds"), "{quiet}");
}

#[test]
fn whole_commands_are_timed_beside_their_network() {
    let w = mixed();
    std::fs::remove_file(w.path("in/4b.png")).expect("there");
    let run = |arguments: &str| -> serde_json::Value {
        let report = w.srcnn(&format!("bench --whole {arguments} --reps 1 --format json")).ok().out;
        serde_json::from_str(&report).expect("JSON")
    };
    let report = run("in --model srcnn-915 --scale 1.5 --to jpeg");
    assert_eq!((&report["pictures"], &report["scale"]), (&9.into(), &1.5.into()));
    let stages = report["stages"].as_object().expect("stages");
    let names: Vec<_> = stages.keys().map(String::as_str).collect();
    assert_eq!(names.len(), 7, "{names:?}");
    assert!(stages["network"]["wall"].as_f64().expect("a time") > 0.0);
    assert!(report["ratio"].as_f64().expect("a ratio") > 0.0);
    let bicubic = run("in/0.png --model bicubic");
    assert_eq!((&bicubic["pictures"], &bicubic["ratio"]), (&1.into(), &serde_json::Value::Null));
    w.srcnn("bench --whole nowhere --reps 1").fails(1, &["not all"]);
    w.srcnn("bench --whole in --size 10x10").fails(2, &["--size"]);
    assert_eq!(w.names("in").len(), 9, "nothing is written beside the inputs");
}
