//! `srcnn completions` and `srcnn man`.

use anyhow::{Context, Result};
use clap::CommandFactory;
use srcnn::codec::files::write_whole;

use crate::args::{Cli, CompletionsArgs, ManArgs};
use crate::names::shown;
use crate::outcome::Outcome;
use crate::terminal::print_report;

pub fn completions(args: &CompletionsArgs) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "srcnn", &mut script);
    print_report(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}

pub fn man(args: &ManArgs) -> Result<Outcome> {
    match &args.output {
        Some(folder) => {
            // Written to a temporary folder first, so that pages appear whole or not at all.
            let pages = tempfile::tempdir()?;
            clap_mangen::generate_to(Cli::command(), pages.path())?;
            std::fs::create_dir_all(folder).with_context(|| shown(folder))?;
            for page in std::fs::read_dir(pages.path())? {
                let page = page?;
                let to = folder.join(page.file_name());
                write_whole(&to, &std::fs::read(page.path())?, true).with_context(|| shown(&to))?;
            }
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            print_report(&String::from_utf8_lossy(&page))?;
        }
    }
    Ok(Outcome::Done)
}
