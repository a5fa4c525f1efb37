//! Inspection of pictures while their rows are read.

use super::notice::{Notice, Observer};
use crate::image::{Image, Metadata};
use crate::inspect::{Finding, Inspector};
use crate::rows::{Rows, RowsError, Shape};
use crate::stage::{Stage, measured};

/// The rows of a picture, which are inspected as they are read. After the last row, `observer` is notified of each
/// finding that `matters` contains.
pub(super) fn inspected<'a>(
    rows: Box<dyn Rows + 'a>,
    matters: &'static [Finding],
    observer: &'a dyn Observer,
) -> Box<dyn Rows + 'a> {
    Box::new(Inspected { inspector: Inspector::new(rows.shape()), seen: 0, rows, matters, observer })
}

struct Inspected<'a> {
    rows: Box<dyn Rows + 'a>,
    inspector: Inspector,
    seen: usize,
    matters: &'static [Finding],
    observer: &'a dyn Observer,
}

impl Rows for Inspected<'_> {
    fn shape(&self) -> Shape {
        self.rows.shape()
    }

    fn metadata(&self) -> &Metadata {
        self.rows.metadata()
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let Some(part) = self.rows.read(rows)? else { return Ok(None) };
        measured(Stage::Planes, || self.inspector.push(&part));
        self.seen += part.height();
        if self.seen == self.shape().height {
            let findings = self.inspector.inspection().findings();
            let told = findings.into_iter().filter(|finding| self.matters.contains(finding));
            told.for_each(|finding| self.observer.notice(Notice::Finding(finding)));
        }
        Ok(Some(part))
    }

    fn held_bytes(&self) -> u64 {
        self.rows.held_bytes()
    }
}
