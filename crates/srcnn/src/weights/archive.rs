//! ZIP archives, as PyTorch and Keras 3 write them: the central directory, entries stored or deflated.
//!
//! Checksums are not looked at: PyTorch neither checks them nor always writes them. After PKWARE's APPNOTE.TXT 6.3.

use std::borrow::Cow;
use std::io::Read;

/// An archive in memory; stored entries are not copied.
pub(super) struct Archive<'a> {
    bytes: &'a [u8],
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    name: &'a [u8],
    method: u16,
    flags: u16,
    packed: u64,
    size: u64,
    header: u64,
}

const END: &[u8] = b"PK\x05\x06";
const END_SIZE: usize = 22;
const MAX_COMMENT: usize = 0xFFFF;
const END64_LOCATOR: &[u8] = b"PK\x06\x07";
const END64: &[u8] = b"PK\x06\x06";
const CENTRAL: &[u8] = b"PK\x01\x02";
const CENTRAL_SIZE: usize = 46;
const LOCAL: &[u8] = b"PK\x03\x04";
const LOCAL_SIZE: usize = 30;
/// A field whose value is in the extra field for archives beyond 4 GiB.
const ELSEWHERE: u64 = 0xFFFF_FFFF;

impl<'a> Archive<'a> {
    /// Whether bytes begin as an archive does.
    pub(super) fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(LOCAL)
    }

    /// Reads the directory.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, String> {
        let from = bytes.len().saturating_sub(END_SIZE + MAX_COMMENT);
        let end = bytes[from..].windows(END.len()).rposition(|w| w == END).map(|at| from + at);
        let end = end.ok_or("it has no directory at its end")?;
        if bytes.len() - end != END_SIZE + number(bytes, end + 20, 2)? as usize {
            return Err("it does not end with its directory".to_owned());
        }
        let (mut count, mut at) = (number(bytes, end + 10, 2)?, number(bytes, end + 16, 4)?);
        let locator = end.checked_sub(20).filter(|&l| bytes[l..].starts_with(END64_LOCATOR));
        if let Some(locator) = locator.filter(|_| count == 0xFFFF || at == ELSEWHERE) {
            let end = position(number(bytes, locator + 8, 8)?)?;
            if bytes.get(end..end.saturating_add(4)) != Some(END64) {
                return Err("its directory is not where it says".to_owned());
            }
            (count, at) = (number(bytes, end + 32, 8)?, number(bytes, end + 48, 8)?);
        }
        let mut at = position(at)?;
        let mut entries = Vec::new();
        for _ in 0..count {
            let (entry, length) = central(bytes, at)?;
            entries.push(entry);
            at += length;
        }
        Ok(Self { bytes, entries })
    }

    /// The name of the first entry that ends so.
    pub(super) fn find(&self, ending: &str) -> Option<&'a str> {
        let entry = self.entries.iter().find(|e| e.name.ends_with(ending.as_bytes()))?;
        std::str::from_utf8(entry.name).ok()
    }

    /// An entry's content, if there is such an entry; what is unpacked may not be larger than `limit`.
    pub(super) fn read(&self, name: &str, limit: usize) -> Result<Option<Cow<'a, [u8]>>, String> {
        let Some(entry) = self.entries.iter().find(|e| e.name == name.as_bytes()) else { return Ok(None) };
        let header = position(entry.header)?;
        if self.bytes.get(header..header.saturating_add(4)) != Some(LOCAL) {
            return Err(format!("`{name}` is not where the directory says"));
        }
        let (name_size, extra) = (number(self.bytes, header + 26, 2)?, number(self.bytes, header + 28, 2)?);
        let start = header + LOCAL_SIZE + (name_size + extra) as usize;
        let packed = start.checked_add(position(entry.packed)?).and_then(|end| self.bytes.get(start..end));
        let packed = packed.ok_or_else(|| format!("it ends within `{name}`"))?;
        match entry.method {
            _ if entry.flags & 1 != 0 => Err(format!("`{name}` is encrypted")),
            0 => Ok(Some(Cow::Borrowed(packed))),
            8 => {
                if entry.size > limit as u64 {
                    return Err(format!("`{name}` claims {} bytes", entry.size));
                }
                let mut plain = Vec::new();
                let mut decoder = flate2::read::DeflateDecoder::new(packed).take(entry.size + 1);
                decoder.read_to_end(&mut plain).map_err(|e| format!("`{name}`: {e}"))?;
                if plain.len() as u64 != entry.size {
                    return Err(format!("`{name}` has not the size that the directory says"));
                }
                Ok(Some(Cow::Owned(plain)))
            }
            method => Err(format!("`{name}` is packed by method {method}; stored and deflated entries are read")),
        }
    }
}

/// An entry of the directory, and the bytes that it takes.
fn central(bytes: &[u8], at: usize) -> Result<(Entry<'_>, usize), String> {
    let record = bytes.get(at..).filter(|r| r.starts_with(CENTRAL)).ok_or("its directory is damaged")?;
    let field = |at, size| number(record, at, size);
    let (name_size, extra_size, comment) = (field(28, 2)? as usize, field(30, 2)? as usize, field(32, 2)? as usize);
    let variable = record.get(CENTRAL_SIZE..CENTRAL_SIZE + name_size + extra_size).ok_or("its directory is cut")?;
    let (name, mut extra) = variable.split_at(name_size);
    let (mut size, mut packed, mut header) = (field(24, 4)?, field(20, 4)?, field(42, 4)?);
    while extra.len() >= 4 {
        let (kind, length) = (number(extra, 0, 2)?, number(extra, 2, 2)? as usize);
        let data = extra.get(4..4 + length).ok_or("its directory is damaged")?;
        if kind == 1 {
            let mut data = data;
            for value in [&mut size, &mut packed, &mut header] {
                if *value == ELSEWHERE {
                    *value = number(data, 0, 8)?;
                    data = &data[8..];
                }
            }
        }
        extra = &extra[4 + length..];
    }
    let entry = Entry { name, method: field(10, 2)? as u16, flags: field(8, 2)? as u16, packed, size, header };
    Ok((entry, CENTRAL_SIZE + name_size + extra_size + comment))
}

/// A little-endian number of up to eight bytes.
fn number(bytes: &[u8], at: usize, size: usize) -> Result<u64, String> {
    let part = at.checked_add(size).and_then(|end| bytes.get(at..end)).ok_or("it ends within its directory")?;
    let mut word = [0; 8];
    word[..size].copy_from_slice(part);
    Ok(u64::from_le_bytes(word))
}

fn position(value: u64) -> Result<usize, String> {
    // Half the range leaves room for the sums above.
    usize::try_from(value).ok().filter(|&p| p < usize::MAX / 2).ok_or_else(|| "it points beyond its end".to_owned())
}
