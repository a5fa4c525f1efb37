//! What to do about pictures that networks were not made for.

use srcnn::Image;
use srcnn::image::Metadata;
use srcnn::inspect::{Finding, Inspector};
use srcnn::rows::{Rows, RowsError, Shape};

use crate::terminal::Terminal;

/// The rows of a picture, looked at as they pass: once all have, names what it is not as it should be, of the findings that
/// `matter`, and what to do.
pub fn given<'a>(
    rows: Box<dyn Rows + 'a>,
    matter: &'static [Finding],
    name: &'a str,
    terminal: &'a Terminal,
) -> Box<dyn Rows + 'a> {
    Box::new(Watched { inspector: Inspector::new(rows.shape()), seen: 0, rows, matter, name, terminal })
}

struct Watched<'a> {
    rows: Box<dyn Rows + 'a>,
    inspector: Inspector,
    seen: usize,
    matter: &'static [Finding],
    name: &'a str,
    terminal: &'a Terminal,
}

impl Rows for Watched<'_> {
    fn shape(&self) -> Shape {
        self.rows.shape()
    }

    fn metadata(&self) -> &Metadata {
        self.rows.metadata()
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let Some(part) = self.rows.read(rows)? else { return Ok(None) };
        self.inspector.see(&part);
        self.seen += part.height();
        if self.seen == self.shape().height {
            for finding in self.inspector.inspection().findings() {
                if self.matter.contains(&finding) {
                    self.terminal.note(&format!("{}: {}", self.name, advice(finding)));
                }
            }
        }
        Ok(Some(part))
    }

    fn held_bytes(&self) -> u64 {
        self.rows.held_bytes()
    }
}

fn advice(finding: Finding) -> &'static str {
    match finding {
        Finding::Blocks => {
            "shows the 8x8 blocks of strong JPEG compression, which are sharpened with the rest: use a better copy, or \
             --strength 0.5"
        }
        Finding::Bright => {
            "is mostly above 1, which is white in floating point: there bicubic is all that is done; divide the samples by what \
             is meant to be white"
        }
        Finding::Harsh => {
            "has more at its finest than photographs have, like pictures that were shrunk without a filter, or noise, which \
             is sharpened with the rest: use a better copy, or --strength 0.5"
        }
        Finding::Soft => {
            "has no detail at its finest, like pictures that were enlarged before: srcnn restore sharpens it at this \
             size, or use a smaller scale"
        }
    }
}
