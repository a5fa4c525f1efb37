//! The program `srcnn`: parses the arguments ([`args`]), runs the command's module ([`commands`]), and turns its
//! outcome into an exit code.

mod args;
mod batch;
mod commands;
mod inputs;
mod list;
mod messages;
mod model_choice;
mod names;
mod outcome;
mod outputs;
mod signals;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use outcome::{Outcome, Usage};

fn main() -> ExitCode {
    let cli = Cli::parse();
    signals::handle();
    let terminal = terminal::Terminal::new(cli.quiet, cli.verbose);
    if let Some(threads) = cli.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global();
        pool.expect("nothing has used the pool yet");
    }
    let result = match cli.command {
        Command::Upscale(args) => commands::upscale::run(&args, &terminal),
        Command::Restore(args) => commands::restore::run(&args, &terminal),
        Command::Degrade(args) => commands::degrade::run(&args, &terminal),
        Command::Evaluate(args) => commands::evaluate::run(&args, &terminal),
        Command::Compare(args) => commands::compare::run(&args, &terminal),
        Command::Train(args) => commands::train::run(&args, &terminal),
        Command::Paper(args) => commands::paper::run(&args, &terminal),
        Command::Baseline(args) => commands::baseline::run(&args, &terminal),
        Command::Bench(args) => commands::bench::run(&args),
        Command::Model(args) => commands::model::run(&args, &terminal),
        Command::Completions(args) => commands::shell::completions(&args),
        Command::Man(args) => commands::shell::man(&args),
    };
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::from(1),
        Ok(Outcome::Interrupted) => ExitCode::from(signals::INTERRUPTED),
        Err(error) if error.is::<signals::Interrupted>() => {
            terminal.note("interrupted");
            ExitCode::from(signals::INTERRUPTED)
        }
        Err(error) => {
            terminal.error(&format!("{error:#}"));
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}
