//! The boxes of a file (ISO/IEC 18181-2): the codestream, Exif and XMP. Others are passed over, compressed or not: what JPEG files
//! are made again from (`jbrd`) among them.

use std::borrow::Cow;
use std::io::Read;

use brotli_decompressor::Decompressor;
use jxl_bitstream::container::ContainerBoxType;
use jxl_bitstream::{ContainerParser, ParseEvent};

use crate::decode_error::DecodeError;

/// How a bare codestream begins, and how a container does (ISO/IEC 18181-2).
const SIGNATURES: [&[u8]; 2] = [&[0xFF, 0x0A], b"\0\0\0\x0CJXL \r\n\x87\n"];
/// Bytes that are inflated at a time.
const BUFFER: usize = 1 << 12;
/// The lowest seven bits of a stream whose window is larger than Brotli has (RFC 7932, 9.1, leaves them out).
const LARGE_WINDOW: u8 = 0x11;
/// Bytes before an Exif block that say where it begins.
const EXIF_OFFSET: usize = 4;

/// Whether a file begins as this format does.
pub(crate) fn is_signature(head: &[u8]) -> bool {
    SIGNATURES.iter().any(|signature| head.starts_with(signature))
}

/// What is read of a file.
#[derive(Default)]
pub(super) struct Contents<'a> {
    pub(super) codestream: Cow<'a, [u8]>,
    pub(super) exif: Option<Vec<u8>>,
    pub(super) xmp: Option<Vec<u8>>,
    /// Whether Exif or XMP was left out since it is too large, or cannot be inflated.
    pub(super) large: bool,
    pub(super) odd: bool,
    /// What is wrong with the boxes; those before are there.
    pub(super) error: Option<DecodeError>,
}

/// A box of metadata as it is stored.
struct Stored {
    kind: ContainerBoxType,
    compressed: bool,
    data: Vec<u8>,
}

impl<'a> Contents<'a> {
    /// Reads a file. Exif and XMP are read if they have at most `longest` bytes.
    pub(super) fn read(file: &'a [u8], longest: usize) -> Self {
        let (mut contents, mut stored) = (Self::default(), None::<Stored>);
        // Only the first of each kind counts, whether it can be read or not.
        let mut wanted = vec![ContainerBoxType::EXIF, ContainerBoxType::XML];
        for event in ContainerParser::new().feed_bytes(file) {
            match event {
                Ok(ParseEvent::Codestream(part)) if contents.codestream.is_empty() => contents.codestream = part.into(),
                Ok(ParseEvent::Codestream(part)) => contents.codestream.to_mut().extend_from_slice(part),
                Ok(ParseEvent::AuxBoxStart { ty, brotli_compressed, .. }) => {
                    contents.add(stored.take(), longest);
                    let place = wanted.iter().position(|kind| *kind == ty);
                    stored = place.map(|place| Stored {
                        kind: wanted.remove(place),
                        compressed: brotli_compressed,
                        data: Vec::new(),
                    });
                }
                Ok(ParseEvent::AuxBoxData(_, part)) => {
                    if let Some(stored) = &mut stored {
                        // Of a block that is too large, enough to know it.
                        let room = (longest + 1).saturating_sub(stored.data.len());
                        stored.data.extend_from_slice(&part[..part.len().min(room)]);
                    }
                }
                Ok(ParseEvent::AuxBoxEnd(_) | ParseEvent::BitstreamKind(_) | ParseEvent::NoMoreAuxBox) => {}
                Err(error) => {
                    contents.error = Some(DecodeError::decoder("JPEG XL", error));
                    break;
                }
            }
        }
        // A box that the file ends in.
        contents.add(stored, longest);
        contents
    }

    fn add(&mut self, stored: Option<Stored>, longest: usize) {
        let Some(Stored { kind, compressed, data }) = stored else { return };
        if data.len() > longest {
            self.large = true;
            return;
        }
        let data = if compressed { inflated(&data, longest) } else { Some(data) };
        let Some(mut data) = data else {
            self.odd = true;
            return;
        };
        if data.len() > longest {
            self.large = true;
        } else if kind == ContainerBoxType::XML {
            self.xmp = Some(data);
        } else if let Some(offset) = data.first_chunk::<EXIF_OFFSET>() {
            let begin = EXIF_OFFSET.saturating_add(u32::from_be_bytes(*offset) as usize);
            data.drain(..begin.min(data.len()));
            self.exif = Some(data).filter(|data| !data.is_empty());
        }
    }
}

/// A stream inflated; as many bytes of it as tell that it is too large. None if it is damaged.
fn inflated(stream: &[u8], longest: usize) -> Option<Vec<u8>> {
    if stream.first().is_some_and(|byte| byte & 0x7F == LARGE_WINDOW) {
        return None;
    }
    let mut bytes = Vec::new();
    Decompressor::new(stream, BUFFER).take(longest as u64 + 1).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A box of a size that counts its header.
    fn boxed(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        [&(data.len() as u32 + 8).to_be_bytes()[..], kind, data].concat()
    }

    /// A stream of so many zeros in MiB, which are stored.
    fn zeros(mebibytes: usize) -> Vec<u8> {
        // A window of 24 bits, and blocks of 64 KiB each (RFC 7932, 9.1 and 9.2): ISLAST 0, MNIBBLES 0, MLEN - 1, ISUNCOMPRESSED 1.
        let mut stream = Vec::new();
        let (mut bits, mut count) = (0b1111_u64, 4_usize);
        for _ in 0..mebibytes * 16 {
            bits |= (0xFFFF << 3 | 1 << 19) << count;
            count += 20;
            stream.extend(&bits.to_le_bytes()[..count.div_ceil(8)]);
            stream.extend([0; 1 << 16]);
            (bits, count) = (0, 0);
        }
        stream.push(3);
        stream
    }

    #[test]
    fn parts_of_the_codestream_are_joined_and_the_first_metadata_taken() {
        let file = [
            SIGNATURES[1].to_vec(),
            boxed(b"ftyp", b"jxl \0\0\0\0jxl "),
            boxed(b"jbrd", &[0xFF; 9]),
            boxed(b"Exif", b"\0\0\0\x02__II*\0"),
            boxed(b"jxlp", b"\0\0\0\0\xFF\x0Aab"),
            boxed(b"xml ", b"<x/>"),
            boxed(b"xml ", b"<y/>"),
            boxed(b"jxlp", b"\x80\0\0\x01cd"),
        ];
        let file = file.concat();
        let contents = Contents::read(&file, 10);
        assert_eq!(contents.codestream.as_ref(), b"\xFF\x0Aabcd");
        assert_eq!(contents.exif.as_deref(), Some(&b"II*\0"[..]));
        assert_eq!(contents.xmp.as_deref(), Some(&b"<x/>"[..]));
        assert!(!contents.large && !contents.odd && contents.error.is_none());
        assert!(matches!(Contents::read(b"\xFF\x0Aab", 8).codestream, Cow::Borrowed(b"\xFF\x0Aab")));
        assert!(Contents::read(&file, 9).large, "Exif with the bytes before it");
        assert!(Contents::read(&file[..file.len() - 1], 8).codestream.ends_with(b"c"));
    }

    #[test]
    fn compressed_metadata_are_inflated_up_to_the_limit() {
        let of = |stream: &[u8], longest: usize| {
            let file =
                [SIGNATURES[1], &boxed(b"ftyp", b"jxl \0\0\0\0jxl "), &boxed(b"brob", &[b"xml ", stream].concat())];
            let file = file.concat();
            let contents = Contents::read(&file, longest);
            (contents.xmp.map(|xmp| xmp.len()), contents.large, contents.odd)
        };
        let stream = zeros(1);
        assert_eq!(of(&stream, 2 << 20), (Some(1 << 20), false, false));
        assert_eq!(inflated(&stream, 1 << 20).map(|bytes| bytes.len()), Some(1 << 20));
        assert_eq!(inflated(&stream, 1000).map(|bytes| bytes.len()), Some(1001));
        assert_eq!(of(b"\xFF\xFF\xFF\xFF", 1 << 20), (None, false, true));
        // A window of a gigabyte.
        assert_eq!(of(b"\x11\x1E\0\0\0\0\0\0", 1 << 20), (None, false, true));
    }
}
