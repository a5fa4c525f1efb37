//! Errors of the libraries that read and write formats, apart from those libraries' types.

use std::error::Error;
use std::fmt;

/// An error of the library that reads or writes a format. Its message is the library's, in one line.
#[derive(Debug)]
pub struct LibraryError {
    format: &'static str,
    source: Box<dyn Error + Send + Sync>,
}

impl LibraryError {
    pub(crate) fn new(format: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { format, source: source.into() }
    }

    /// The format's usual name, "PNG" for example.
    pub fn format(&self) -> &'static str {
        self.format
    }
}

impl fmt::Display for LibraryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Some libraries write their messages over several lines.
        f.write_str(&self.source.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl Error for LibraryError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // The library's error is the message itself, not a cause of it.
        self.source.source()
    }
}
