//! Chunks of PNG files: length, type, data and checksum (ISO/IEC 15948, 5.3).

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

use srcnn_image::image::ColorChunk;

/// The first eight bytes of a file.
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Bytes of a chunk beside its data.
const AROUND: u64 = 12;

const ANIMATION_CONTROL: &[u8; 4] = b"acTL";
const IMAGE_DATA: &[u8; 4] = b"IDAT";
const END: &[u8; 4] = b"IEND";
const EXIF: &[u8; 4] = b"eXIf";
const INTERNATIONAL_TEXT: &[u8; 4] = b"iTXt";
/// Chunks that say what the colors are; none of them is long.
const COLORS: [&[u8; 4]; 4] = [b"cICP", b"cHRM", b"gAMA", b"sRGB"];
const LONGEST_COLOR: u32 = 64;
/// Longer chunks are not read as metadata.
const LONGEST_METADATA: u32 = 16 << 20;

/// The keyword of a text that is an XMP packet.
pub(super) const XMP_KEYWORD: &str = "XML:com.adobe.xmp";
/// The beginning of a chunk with an XMP packet: keyword; not compressed, no language, no translated keyword.
pub(super) const XMP_PREFIX: &[u8] = b"XML:com.adobe.xmp\0\0\0\0\0";

/// Whether a file begins as this format does.
pub(crate) fn is_signature(head: &[u8]) -> bool {
    head.starts_with(SIGNATURE)
}

/// Metadata in chunks that may stand behind the pixels, or that the decoder passes over.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    pub(super) colors: Vec<ColorChunk>,
    pub(super) exif: Option<Vec<u8>>,
    /// An XMP packet that is not compressed.
    pub(super) xmp: Option<Vec<u8>>,
}

/// The header of the chunk that begins at `at`: type and length.
fn header(source: &mut (impl Read + Seek), at: u64) -> io::Result<([u8; 4], u32)> {
    source.seek(SeekFrom::Start(at))?;
    let mut header = [0; 8];
    source.read_exact(&mut header)?;
    let [a, b, c, d, kind @ ..] = header;
    Ok((kind, u32::from_be_bytes([a, b, c, d])))
}

/// Walks from chunk to chunk to the last one. None if the file ends before.
pub(super) fn walk(source: &mut (impl Read + Seek)) -> io::Result<Option<Chunks>> {
    let begin = source.stream_position()?;
    let end = source.seek(SeekFrom::End(0))?;
    let (mut at, mut chunks, mut pixels) = (begin + SIGNATURE.len() as u64, Chunks::default(), false);
    while at + AROUND <= end {
        let (kind, length) = header(source, at)?;
        at += AROUND + u64::from(length);
        if kind == *END {
            return Ok((at <= end).then_some(chunks));
        }
        if at > end {
            break;
        }
        let mut data = |longest: u32| -> io::Result<Vec<u8>> {
            let mut data = vec![0; if length <= longest { length as usize } else { 0 }];
            source.read_exact(&mut data)?;
            Ok(data)
        };
        match &kind {
            IMAGE_DATA => pixels = true,
            EXIF if chunks.exif.is_none() => {
                chunks.exif = Some(data(LONGEST_METADATA)?).filter(|data| !data.is_empty());
            }
            INTERNATIONAL_TEXT if chunks.xmp.is_none() => {
                // Not compressed, of any language, with any translation of the keyword.
                let data = data(LONGEST_METADATA)?;
                let rest = data.strip_prefix(XMP_KEYWORD.as_bytes()).and_then(|rest| rest.strip_prefix(b"\0\0\0"));
                chunks.xmp = rest.and_then(|rest| rest.splitn(3, |byte| *byte == 0).nth(2)).map(<[u8]>::to_vec);
            }
            // Behind the pixels they do not count.
            kind if !pixels && COLORS.contains(&kind) && length <= LONGEST_COLOR => {
                chunks.colors.push((*kind, data(LONGEST_COLOR)?));
            }
            _ => {}
        }
    }
    Ok(None)
}

/// Whether a file goes on to its last chunk.
pub(crate) fn is_complete(source: &mut (impl Read + Seek)) -> io::Result<bool> {
    Ok(walk(source)?.is_some())
}

/// Whether a file says before its first picture that it is an animation.
pub(crate) fn is_animated(source: &mut (impl Read + Seek)) -> io::Result<bool> {
    let mut at = SIGNATURE.len() as u64;
    loop {
        let (kind, length) = match header(source, at) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(false),
            read => read?,
        };
        match &kind {
            ANIMATION_CONTROL => return Ok(true),
            IMAGE_DATA | END => return Ok(false),
            _ => at += AROUND + u64::from(length),
        }
    }
}
