//! Names of files as text: in reports by an escape that can be undone, on the terminal without control characters.
//!
//! Names are bytes on Unix. A byte that is no part of UTF-8 becomes `\x` and two hexadecimal digits; so does a backslash that
//! such digits follow already (`\x5c`). All other names are as they are. Replacing each `\x` and its digits by their byte
//! gives the name back.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A name as text, for messages and reports.
pub fn shown(name: impl AsRef<OsStr>) -> String {
    let bytes = name.as_ref().as_encoded_bytes();
    // Where names are no bytes, none can be given back by bytes.
    if cfg!(not(unix)) {
        return name.as_ref().to_string_lossy().into_owned();
    }
    let (mut text, mut at) = (String::with_capacity(bytes.len()), 0);
    for chunk in bytes.utf8_chunks() {
        for (i, c) in chunk.valid().char_indices() {
            match c {
                '\\' if escaped(&bytes[at + i..]).is_some() => push(&mut text, b'\\'),
                c => text.push(c),
            }
        }
        chunk.invalid().iter().for_each(|byte| push(&mut text, *byte));
        at += chunk.valid().len() + chunk.invalid().len();
    }
    text
}

/// The name of which [`shown`] made this text.
pub fn named(text: &str) -> PathBuf {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
        while let [first, after @ ..] = rest {
            let escape = escaped(rest);
            bytes.push(escape.unwrap_or(*first));
            rest = if escape.is_some() { &rest[4..] } else { after };
        }
        std::ffi::OsString::from_vec(bytes).into()
    }
    #[cfg(not(unix))]
    {
        text.into()
    }
}

/// The byte that an escape at the beginning stands for, if there is one.
fn escaped(text: &[u8]) -> Option<u8> {
    let [b'\\', b'x', high, low, ..] = text else { return None };
    let digit = |digit: u8| char::from(digit).to_digit(16);
    Some((digit(*high)? * 16 + digit(*low)?) as u8)
}

fn push(text: &mut String, byte: u8) {
    // Writing to a string cannot fail.
    let _ = write!(text, "\\x{byte:02x}");
}

/// Text without anything that a terminal would obey: control characters, and those that turn the direction of writing,
/// become escapes of their bytes.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return text.into();
    }
    let mut seen = String::with_capacity(text.len());
    for c in text.chars() {
        match is_obeyed(c) {
            true => c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| push(&mut seen, byte)),
            false => seen.push(c),
        }
    }
    seen.into()
}

fn is_obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Writes a path as the text of its name, as `serialize_with`.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&shown(path))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn every_name_comes_back() {
        let names: [(&[u8], &str); 8] = [
            (b"a b.png", "a b.png"),
            ("\u{fffd}é\u{1b}\n.png".as_bytes(), "\u{fffd}é\u{1b}\n.png"),
            (b"f\xe9te.png", "f\\xe9te.png"),
            (b"f\\xe9te.png", "f\\x5cxe9te.png"),
            (b"a\\b\\\\xzz\\x", "a\\b\\\\xzz\\x"),
            (b"\\x5cx41 \\\\x41", "\\x5cx5cx41 \\\\x5cx41"),
            (b"\\\xff\\x4\xff", "\\\\xff\\x4\\xff"),
            (b"\xe2\x82", "\\xe2\\x82"),
        ];
        for (name, text) in names {
            assert_eq!(shown(OsStr::from_bytes(name)), text);
            assert_eq!(named(text).as_os_str().as_bytes(), name, "{text}");
        }
        // Every sequence of these, up to five.
        let parts: [&[u8]; 7] = [b"\\", b"x", b"5", b"c", b"\xc3", b"\xa9", b"z"];
        for i in 0..7usize.pow(5) {
            let name: Vec<u8> = (0..5).flat_map(|place| parts[i / 7usize.pow(place) % 7].to_vec()).collect();
            let text = shown(OsStr::from_bytes(&name));
            assert_eq!(named(&text).as_os_str().as_bytes(), name, "{text}");
        }
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        assert_eq!(visible("plain é \\x1b"), "plain é \\x1b");
        assert_eq!(visible("x\x1b]0;t\x07\r\n\u{9b}\u{202e}"), "x\\x1b]0;t\\x07\\x0d\\x0a\\xc2\\x9b\\xe2\\x80\\xae");
    }
}
