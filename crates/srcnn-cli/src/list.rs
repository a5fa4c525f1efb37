//! Lists of files, as `--files-from` takes them.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// Byte order marks, as editors on Windows write them.
const MARK_UTF8: &[u8] = b"\xef\xbb\xbf";
const MARK_UTF16_LITTLE: &[u8] = b"\xff\xfe";
const MARK_UTF16_BIG: &[u8] = b"\xfe\xff";

/// The files that a list names. Names are separated by NUL where there is any (`find -print0`), and are lines otherwise, which
/// end as on Unix or on Windows. On Unix names are bytes. After a byte order mark of UTF-16, the list is in that.
///
/// # Errors
/// If the text is not in its encoding; on Unix, UTF-16 alone has to be.
pub fn listed(list: &[u8]) -> Result<Vec<PathBuf>> {
    if let Some(rest) = list.strip_prefix(MARK_UTF16_LITTLE) {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = list.strip_prefix(MARK_UTF16_BIG) {
        return utf16(rest, u16::from_be_bytes);
    }
    let list = list.strip_prefix(MARK_UTF8).unwrap_or(list);
    let separator = if list.contains(&b'\0') { b'\0' } else { b'\n' };
    let line = |name: &[u8]| match separator {
        b'\n' => name.strip_suffix(b"\r").unwrap_or(name).to_vec(),
        _ => name.to_vec(),
    };
    list.split(|byte| *byte == separator).map(line).filter(|name| !name.is_empty()).map(path).collect()
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Vec<PathBuf>> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        bail!("ends within a character of UTF-16");
    }
    let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<String, _>>();
    listed(text.context("is no UTF-16, though it begins so")?.as_bytes())
}

#[cfg(unix)]
fn path(name: Vec<u8>) -> Result<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    Ok(std::ffi::OsString::from_vec(name).into())
}

#[cfg(not(unix))]
fn path(name: Vec<u8>) -> Result<PathBuf> {
    Ok(String::from_utf8(name).context("is no UTF-8")?.into())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn lists_of_every_kind_name_the_same() {
        let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()
        };
        let lines = "\u{feff}a b.png\r\n\r\né.png";
        let lists: [(&[u8], &[&[u8]]); 8] = [
            (b"", &[]),
            (b"a\nb\n", &[b"a", b"b"]),
            (b"a\r\n\r\n\nb", &[b"a", b"b"]),
            (b"f\xe9\n", &[b"f\xe9"]),
            (b"a\nb\r\0c\0\0", &[b"a\nb\r", b"c"]),
            (b"\xef\xbb\xbfa\n", &[b"a"]),
            (&utf16(lines, u16::to_le_bytes), &[b"a b.png", "é.png".as_bytes()]),
            (&utf16(lines, u16::to_be_bytes), &[b"a b.png", "é.png".as_bytes()]),
        ];
        for (list, names) in lists {
            let found = listed(list).expect("a list");
            assert_eq!(found.iter().map(|path| path.as_os_str().as_bytes()).collect::<Vec<_>>(), names, "{list:?}");
        }
        assert!(listed(b"\xff\xfea\0b").is_err() && listed(b"\xff\xfe\0\xd8").is_err());
    }
}
