//! Metadata in chunks of compressed data and of text: profiles (ISO/IEC 15948, 11.3.3.3) and XMP packets (XMP, part 3, 1.1.5).

use fdeflate::{BoundedDecompressionError, decompress_to_vec_bounded};
use flate2::Crc;

/// The keyword of a text that is an XMP packet, with the zero at its end.
const XMP_KEYWORD: &[u8] = b"XML:com.adobe.xmp\0";
/// The beginning of a chunk with an XMP packet: keyword; not compressed, no language, no translated keyword.
pub(super) const XMP_PREFIX: &[u8] = b"XML:com.adobe.xmp\0\0\0\0\0";
/// The longest name of a profile.
const LONGEST_NAME: usize = 79;
/// The only method of compression.
const ZLIB: u8 = 0;

/// A stream that gives more bytes than are allowed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// Whether a chunk's checksum is right.
pub(super) fn is_checksum(checksum: [u8; 4], kind: &[u8; 4], data: &[u8]) -> bool {
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(data);
    crc.sum() == u32::from_be_bytes(checksum)
}

/// The profile in the data of a chunk, inflated; none if it cannot be read.
pub(super) fn profile(data: &[u8], longest: usize) -> Result<Option<Vec<u8>>, TooLarge> {
    match data.iter().take(LONGEST_NAME + 1).position(|byte| *byte == 0) {
        Some(name @ 1..) => match &data[name + 1..] {
            [ZLIB, stream @ ..] => inflated(stream, longest),
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

/// Whether a text is an XMP packet.
pub(super) fn is_xmp(data: &[u8]) -> bool {
    data.starts_with(XMP_KEYWORD)
}

/// The XMP packet in the data of a chunk of text, of any language, with any translation of the keyword, inflated if it is compressed;
/// none if the text is another one, or cannot be read.
pub(super) fn xmp(data: &[u8], longest: usize) -> Result<Option<Vec<u8>>, TooLarge> {
    let Some([compressed, method, rest @ ..]) = data.strip_prefix(XMP_KEYWORD) else { return Ok(None) };
    let Some(text) = rest.splitn(3, |byte| *byte == 0).nth(2) else { return Ok(None) };
    match (compressed, *method) {
        (0, _) => Ok(Some(text.to_vec())),
        (1, ZLIB) => inflated(text, longest),
        _ => Ok(None),
    }
}

/// A zlib stream inflated; none if it is damaged.
fn inflated(stream: &[u8], longest: usize) -> Result<Option<Vec<u8>>, TooLarge> {
    match decompress_to_vec_bounded(stream, longest) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(BoundedDecompressionError::OutputTooLarge { .. }) => Err(TooLarge),
        Err(BoundedDecompressionError::DecompressionError { .. }) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).expect("in memory");
        encoder.finish().expect("in memory")
    }

    #[test]
    fn streams_are_inflated_up_to_the_limit() {
        let packet = vec![b'<'; 1000];
        let chunk = [b"name\0\0", &deflated(&packet)[..]].concat();
        assert_eq!(profile(&chunk, 1000), Ok(Some(packet.clone())));
        assert_eq!(profile(&chunk, 999), Err(TooLarge));
        let text = [XMP_KEYWORD, b"\x01\0en\0key\0", &deflated(&packet)].concat();
        assert_eq!(xmp(&text, 1000), Ok(Some(packet.clone())));
        assert_eq!(xmp(&text, 999), Err(TooLarge));
        assert_eq!(xmp(&[XMP_PREFIX, &packet].concat(), 1000), Ok(Some(packet)));
        let zeros = [b"name\0\0", &deflated(&vec![0; 64 << 20])[..]].concat();
        assert_eq!(profile(&zeros, 1 << 20), Err(TooLarge));
    }

    #[test]
    fn what_is_no_profile_and_no_packet_is_none() {
        let stream = deflated(b"profile");
        let of = |head: &[u8]| profile(&[head, &stream].concat(), 100);
        assert_eq!(of(b"name\0\0"), Ok(Some(b"profile".to_vec())));
        assert_eq!(of(&[&[b'n'; LONGEST_NAME][..], b"\0\0"].concat()), Ok(Some(b"profile".to_vec())));
        let long = [&[b'n'; LONGEST_NAME + 1][..], b"\0\0"].concat();
        for head in [&b""[..], b"\0\0", b"name\0\x01", &long] {
            assert_eq!(of(head), Ok(None), "{head:?}");
        }
        assert_eq!(profile(b"name\0", 100), Ok(None));
        assert_eq!(profile(b"name\0\0\x78\xda\xff", 100), Ok(None));
        for other in
            [&b"Comment\0\0\0\0\0text"[..], b"XML:com.adobe.xmp\0\0\0en\0", b"XML:com.adobe.xmp\0\x02\0\0\0text"]
        {
            assert_eq!(xmp(other, 100), Ok(None));
        }
    }
}
