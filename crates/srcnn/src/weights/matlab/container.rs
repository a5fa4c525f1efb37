//! MATLAB 5 MAT-files: numeric arrays, plain or compressed, of either byte order.
//!
//! After a header of 128 bytes come elements: a tag (type, bytes) and data padded to eight bytes; small ones keep data of
//! up to four bytes in the tag. An array element holds its flags, dimensions, name and values as elements of its own
//! (MathWorks, "MAT-File Format", level 5). Nothing is allocated beyond what the file's size accounts for.

use std::io::Read;

/// A real numeric array; values column-major.
pub(super) struct Array {
    pub(super) name: String,
    pub(super) dims: Vec<usize>,
    pub(super) values: Vec<f32>,
}

const HEADER: usize = 128;
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;
/// What is unpacked and kept as floats may take this many times the file's size, and this many bytes more. (Numbers of
/// eight bytes, hardly compressible, take one and a half times.)
const MAX_GROWTH: usize = 6;
const MAX_GROWTH_BYTES: usize = 64 << 10;

/// Every real numeric array of the file; cells, structures, texts and the like are passed over.
pub(super) fn arrays(bytes: &[u8]) -> Result<Vec<Array>, String> {
    let header = bytes.get(..HEADER).ok_or("it ends within its header")?;
    let big_endian = match &header[126..] {
        b"IM" => false,
        b"MI" => true,
        _ => return Err("its header names no byte order".to_owned()),
    };
    let mut reader = Elements { rest: &bytes[HEADER..], big_endian };
    let mut arrays = Vec::new();
    let mut budget = bytes.len().saturating_mul(MAX_GROWTH).saturating_add(MAX_GROWTH_BYTES);
    while !reader.rest.is_empty() {
        let (kind, data) = reader.unpadded()?;
        match kind {
            MATRIX => arrays.extend(array(data, big_endian, &mut budget)?),
            COMPRESSED => {
                let plain = inflate(data, budget)?;
                budget -= plain.len();
                let (kind, data) = Elements { rest: &plain, big_endian }.padded()?;
                if kind == MATRIX {
                    arrays.extend(array(data, big_endian, &mut budget)?);
                }
            }
            _ => {}
        }
    }
    Ok(arrays)
}

fn inflate(data: &[u8], budget: usize) -> Result<Vec<u8>, String> {
    let mut plain = Vec::new();
    let mut decoder = flate2::read::ZlibDecoder::new(data).take(budget as u64 + 1);
    decoder.read_to_end(&mut plain).map_err(|e| format!("compressed data: {e}"))?;
    if plain.len() > budget {
        return Err("compressed data grows beyond all measure".to_owned());
    }
    Ok(plain)
}

/// A walk over elements.
struct Elements<'a> {
    rest: &'a [u8],
    big_endian: bool,
}

impl<'a> Elements<'a> {
    fn word(&self, at: usize) -> Result<u32, String> {
        let bytes = self.rest.get(at..at + 4).and_then(|b| <[u8; 4]>::try_from(b).ok());
        let bytes = bytes.ok_or("it ends within a tag")?;
        Ok(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// The next element's type and data, its padding passed over.
    fn padded(&mut self) -> Result<(u32, &'a [u8]), String> {
        self.take(8)
    }

    /// The same at the outermost level, where compressed elements have no padding.
    fn unpadded(&mut self) -> Result<(u32, &'a [u8]), String> {
        self.take(1)
    }

    fn take(&mut self, alignment: usize) -> Result<(u32, &'a [u8]), String> {
        let first = self.word(0)?;
        if first >> 16 != 0 {
            let size = (first >> 16) as usize;
            let data = self.rest.get(4..4 + size).filter(|_| size <= 4).ok_or("a small element is too long")?;
            self.rest = self.rest.get(8..).ok_or("it ends within a small element")?;
            return Ok((first & 0xFFFF, data));
        }
        let size = self.word(4)? as usize;
        let data = self.rest[8..].get(..size).ok_or("it ends within an element")?;
        let end = (8 + size).next_multiple_of(alignment).min(self.rest.len());
        self.rest = &self.rest[end..];
        Ok((first, data))
    }
}

/// The array in a matrix element, if it is real and numeric.
fn array(data: &[u8], big_endian: bool, budget: &mut usize) -> Result<Option<Array>, String> {
    if data.is_empty() {
        return Ok(None);
    }
    let mut parts = Elements { rest: data, big_endian };
    let (_, flags) = parts.padded()?;
    let flags = Elements { rest: flags, big_endian }.word(0)?;
    let (class, complex) = (flags & 0xFF, flags & 0x800 != 0);
    // 6 and 7 are double and single, 8 to 15 integers.
    if complex || !(6..=15).contains(&class) {
        return Ok(None);
    }
    let (_, dims) = parts.padded()?;
    let dims: Vec<usize> = dims
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| if big_endian { u32::from_be_bytes(*b) } else { u32::from_le_bytes(*b) } as usize)
        .collect();
    let (_, name) = parts.padded()?;
    let name = String::from_utf8_lossy(name).into_owned();
    let (kind, data) = parts.padded()?;
    // Floats of four bytes each.
    *budget = budget.checked_sub(4 * data.len() / storage_size(kind)).ok_or("its numbers grow beyond all measure")?;
    let values =
        numbers(kind, data, big_endian).ok_or_else(|| format!("`{name}` has values of unknown type {kind}"))?;
    let expected = dims.iter().try_fold(1usize, |product, &n| product.checked_mul(n));
    if expected != Some(values.len()) {
        return Err(format!("`{name}` has {} values for shape {dims:?}", values.len()));
    }
    Ok(Some(Array { name, dims, values }))
}

/// Bytes of a value of a numeric storage type.
fn storage_size(kind: u32) -> usize {
    match kind {
        3 | 4 => 2,
        5..=7 => 4,
        9 | 12 | 13 => 8,
        _ => 1,
    }
}

/// Values of any numeric storage type: MATLAB stores whole numbers in the smallest that holds them.
fn numbers(kind: u32, data: &[u8], big_endian: bool) -> Option<Vec<f32>> {
    macro_rules! read {
        ($t:ty) => {{
            let values = data.as_chunks::<{ size_of::<$t>() }>().0.iter();
            values.map(|b| if big_endian { <$t>::from_be_bytes(*b) } else { <$t>::from_le_bytes(*b) } as f32).collect()
        }};
    }
    Some(match kind {
        1 => read!(i8),
        2 => read!(u8),
        3 => read!(i16),
        4 => read!(u16),
        5 => read!(i32),
        6 => read!(u32),
        7 => read!(f32),
        9 => read!(f64),
        12 => read!(i64),
        13 => read!(u64),
        _ => return None,
    })
}
