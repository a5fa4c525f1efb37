//! Signals: those that were ignored stay so, and the first is obeyed while another program is waited for.

#![cfg(target_os = "linux")]

mod workspace;

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use workspace::{Run, Workspace};

const SIGNALS: [(&str, u32); 3] = [("INT", 2), ("TERM", 15), ("HUP", 1)];

/// Starts `srcnn` after what the shell does first.
fn start(w: &Workspace, first: &str, arguments: &str) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{first} exec \"$@\""), "sh"]).arg(assert_cmd::cargo::cargo_bin("srcnn"));
    command.args(arguments.split_whitespace()).current_dir(w.path("."));
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    pipes.spawn().expect("it starts")
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
}

/// Waits until a process has a handler for a signal.
fn handles(child: &Child, signal: u32) {
    let handles = |_| {
        std::thread::sleep(Duration::from_millis(5));
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it runs");
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("a mask");
        u64::from_str_radix(caught.trim(), 16).expect("a mask") >> (signal - 1) & 1 == 1
    };
    assert!((0..10_000).any(handles), "no handler");
}

fn fifo(w: &Workspace, name: &str) {
    assert!(Command::new("mkfifo").arg(w.path(name)).status().expect("mkfifo").success());
}

/// The other end of a pipe, once the program has opened it.
fn writer(w: &Workspace, name: &str) -> File {
    OpenOptions::new().write(true).open(w.path(name)).expect("a pipe")
}

#[test]
fn a_signal_that_was_ignored_stays_ignored() {
    for (signal, number) in SIGNALS {
        let w = Workspace::new();
        w.picture("tiny-5x3.png", "a.png");
        fifo(&w, "pipe.png");
        let child = start(&w, &format!("trap '' {signal};"), "upscale pipe.png -o b.png -m srcnn-915");
        let mut pipe = writer(&w, "pipe.png");
        // The others are handled.
        SIGNALS.iter().filter(|(_, other)| *other != number).for_each(|(_, other)| handles(&child, *other));
        send(signal, &child);
        send(signal, &child);
        pipe.write_all(&std::fs::read(w.path("a.png")).expect("there")).expect("it reads");
        drop(pipe);
        Run::of(&child.wait_with_output().expect("it ends")).ok();
        assert_eq!(w.image("b.png").size(), (10, 6), "{signal}");
    }
}

#[test]
fn the_first_signal_is_obeyed_while_a_pipe_is_waited_for() {
    for (signal, number) in SIGNALS {
        let w = Workspace::new();
        w.picture("tiny-5x3.png", "a.png");
        fifo(&w, "pipe.png");
        std::fs::write(w.path("list.txt"), "a.png\npipe.png\n").expect("room");
        let lines = [
            // A picture, a list, and a model that do not come; standard input; an output that nobody reads.
            ("upscale --files-from list.txt -o out -m srcnn-915 --jobs 1 --report report.json", true),
            ("upscale --files-from pipe.png -o other -m srcnn-915", true),
            ("upscale a.png -o b.png -m ./pipe.png", true),
            ("compare a.png pipe.png --protocol keras", true),
            ("upscale - -o b.png -m srcnn-915", false),
            ("upscale a.png -o pipe.png -m srcnn-915", false),
            ("upscale a.png -o b.png -m srcnn-915 --report pipe.png --force", false),
        ];
        for (line, opens) in lines {
            let child = start(&w, "", line);
            handles(&child, number);
            // Opened and never written to.
            let pipe = opens.then(|| writer(&w, "pipe.png"));
            let mut child = child;
            send(signal, &child);
            let input = child.stdin.take();
            let ended = (0..20_000).any(|_| {
                std::thread::sleep(Duration::from_millis(2));
                child.try_wait().expect("a child").is_some()
            });
            drop((pipe, input));
            if !ended {
                child.kill().expect("SIGKILL");
            }
            let run = Run::of(&child.wait_with_output().expect("it ends"));
            assert!(ended && run.code == 130 && run.err.contains("interrupted"), "{signal} {line}: {run:?}");
        }
        let report = std::fs::read_to_string(w.path("report.json")).expect("a report");
        let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
        assert_eq!((&report["interrupted"], &report["done"]), (&true.into(), &1.into()));
        assert_eq!(w.names("out"), ["a.png"]);
        assert!(!w.path("other").exists());
    }
}

#[test]
fn what_a_killed_program_left_is_removed_whatever_its_number() {
    let w = Workspace::new();
    w.picture("tiny-5x3.png", "in/a.png");
    std::fs::create_dir(w.path("out")).expect("room");
    // Process 1 runs; nobody has the files locked.
    let left = [".srcnn-1-aBcDeF.part", ".srcnn-1-0123abcd.7-aBcDeF.part", ".srcnn-999999-0123abcd.7-aBcDeF.part"];
    for (line, folder) in [("upscale in -o out", "out"), ("upscale in/a.png -o b.png", ".")] {
        left.iter().for_each(|name| std::fs::write(w.path(folder).join(name), "unfinished").expect("room"));
        let held = w.path(folder).join(".srcnn-1-held.part");
        let file = File::create(&held).expect("room");
        file.lock().expect("locks");
        w.srcnn(&format!("{line} -m srcnn-915")).ok();
        let parts: Vec<_> = w.names(folder).into_iter().filter(|name| name.ends_with(".part")).collect();
        assert_eq!(parts, [".srcnn-1-held.part"], "{line}");
        std::fs::remove_file(held).expect("there");
    }
}
