//! What to do about pictures that networks were not made for.

use srcnn::Image;
use srcnn::inspect::{Finding, Inspection};

use crate::terminal::Terminal;

/// Names what a picture is not as it should be, of the findings that `matter`, and what to do.
pub fn give(image: &Image, matter: &[Finding], name: &str, terminal: &Terminal) {
    for finding in Inspection::of(image).findings() {
        if matter.contains(&finding) {
            terminal.note(&format!("{name}: {}", advice(finding)));
        }
    }
}

fn advice(finding: Finding) -> &'static str {
    match finding {
        Finding::Blocks => {
            "shows the 8x8 blocks of strong JPEG compression, which are sharpened with the rest: use a better copy, or \
             --strength 0.5"
        }
        Finding::Soft => {
            "has no detail at its finest, like pictures that were enlarged before: srcnn restore sharpens it at this \
             size, or use a smaller scale"
        }
    }
}
