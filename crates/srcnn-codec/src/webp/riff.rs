//! The container of WebP files, RIFF: chunks, each a name, a length, and data to a whole number of words (RFC 9649, 2.3).

use srcnn_image::Size;

/// How a file begins: a name, its length, another name.
const RIFF: &[u8; 4] = b"RIFF";
const WEBP: &[u8; 4] = b"WEBP";
/// Bytes before the first chunk.
pub(super) const HEADER: usize = 12;

/// The first chunk of an extended file.
pub(super) const EXTENDED: &[u8; 4] = b"VP8X";
pub(super) const ICC: &[u8; 4] = b"ICCP";
pub(super) const EXIF: &[u8; 4] = b"EXIF";
pub(super) const XMP: &[u8; 4] = b"XMP ";
pub(super) const ALPHA: &[u8; 4] = b"ALPH";
/// Chunks that make up a picture: alpha, samples with loss, samples without.
pub(super) const SAMPLES: [&[u8; 4]; 3] = [ALPHA, b"VP8 ", LOSSLESS];
pub(super) const LOSSLESS: &[u8; 4] = b"VP8L";
pub(super) const ANIMATION: &[u8; 4] = b"ANIM";
pub(super) const FRAME: &[u8; 4] = b"ANMF";

/// Bytes a pixel that decoding a frame takes, at most: RGBA, planes of luma and chroma, alpha as RGBA and as a plane, and what
/// predicts it.
pub(super) const FRAME_BYTES: u64 = 12;

/// Where the flags of an extended file are.
const FLAGS: usize = 20;
/// Flags of an extended file.
pub(super) const ICC_FLAG: u8 = 1 << 5;
pub(super) const ALPHA_FLAG: u8 = 1 << 4;
pub(super) const EXIF_FLAG: u8 = 1 << 3;
pub(super) const XMP_FLAG: u8 = 1 << 2;
pub(super) const ANIMATION_FLAG: u8 = 1 << 1;

/// Flags of a frame: not blended with what is there; its place cleared after it was shown.
pub(super) const REPLACE_FLAG: u8 = 1 << 1;
pub(super) const CLEAR_FLAG: u8 = 1 << 0;

/// Whether a file begins as this format does.
pub(crate) fn is_signature(head: &[u8]) -> bool {
    head.starts_with(RIFF) && head.get(8..HEADER) == Some(WEBP)
}

/// Whether a file, of which the first bytes are enough, is an animation.
pub(crate) fn is_animated(head: &[u8]) -> bool {
    let extended = head.get(HEADER..HEADER + 4) == Some(EXTENDED);
    extended && head.get(FLAGS).is_some_and(|flags| flags & ANIMATION_FLAG != 0)
}

/// Whether a file goes on to the end that its header states, and no chunk within claims more: its decoder would take that much
/// memory on trust.
pub(crate) fn is_complete(bytes: &[u8]) -> bool {
    walk(bytes).is_some()
}

fn walk(bytes: &[u8]) -> Option<()> {
    let length = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize);
    let end = length(4)?.checked_add(8)?;
    if bytes.len() < end {
        return None;
    }
    // The last chunk may lack its padding.
    let mut at = HEADER;
    while at + 8 <= end {
        at = at.checked_add(8)?.checked_add(length(at + 4)?)?;
        if at > end {
            return None;
        }
        at += at % 2;
    }
    Some(())
}

/// The header of a file with so many bytes after the length.
pub(super) fn header(length: u32) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..4].copy_from_slice(RIFF);
    header[4..8].copy_from_slice(&length.to_le_bytes());
    header[8..].copy_from_slice(WEBP);
    header
}

/// The bytes after the header, as far as it says that the file goes.
pub(super) fn body(bytes: &[u8]) -> &[u8] {
    let length = bytes.get(4..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_le_bytes(*b) as usize);
    let end = length.saturating_add(8).min(bytes.len());
    bytes.get(HEADER..end).unwrap_or_default()
}

/// Chunks one after the other, up to the first that is cut short: name and data.
pub(super) fn chunks(mut rest: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (kind, after) = rest.split_first_chunk()?;
        let (length, after) = after.split_first_chunk()?;
        let length = u32::from_le_bytes(*length) as usize;
        let data = after.get(..length)?;
        rest = after.get(length.next_multiple_of(2)..).unwrap_or_default();
        Some((*kind, data))
    })
}

/// The content of the first chunk of an extended file: flags, and a size of at most 2^24 a side.
pub(super) fn extended(flags: u8, size: Size) -> [u8; 10] {
    let [w0, w1, w2, _] = (size.width as u32 - 1).to_le_bytes();
    let [h0, h1, h2, _] = (size.height as u32 - 1).to_le_bytes();
    [flags, 0, 0, 0, w0, w1, w2, h0, h1, h2]
}

/// A chunk as it is stored; none if it is longer than its length can say.
pub(super) fn chunk(kind: &[u8; 4], parts: &[&[u8]]) -> Option<Vec<u8>> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut chunk = Vec::with_capacity(length + 9);
    chunk.extend_from_slice(kind);
    chunk.extend_from_slice(&u32::try_from(length).ok()?.to_le_bytes());
    parts.iter().for_each(|part| chunk.extend_from_slice(part));
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    Some(chunk)
}

/// A small file in memory.
pub(super) struct File(Vec<u8>);

impl File {
    pub(super) fn new() -> Self {
        Self(header(0).to_vec())
    }

    /// Adds a chunk that was one in another file.
    pub(super) fn chunk(&mut self, kind: &[u8; 4], data: &[u8]) {
        self.0.extend(chunk(kind, &[data]).unwrap_or_default());
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        let length = (self.0.len() - 8) as u32;
        self.0[4..8].copy_from_slice(&length.to_le_bytes());
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::is_complete;

    #[test]
    fn no_chunk_of_webp_claims_more_than_the_file_has() {
        let file = |sizes: [u32; 2], odd: &[u8]| {
            let chunks = [&b"VP8L"[..], &sizes[1].to_le_bytes(), &[1, 2, 3, 4], odd].concat();
            [&b"RIFF"[..], &sizes[0].to_le_bytes(), b"WEBP", &chunks].concat()
        };
        assert!(is_complete(&file([16, 4], &[])));
        assert!(is_complete(&file([17, 5], &[5])), "the last padding may be missing");
        assert!(!is_complete(&file([16, 5], &[])));
        assert!(!is_complete(&file([16, u32::MAX], &[])));
        assert!(!is_complete(&file([24, 4], &[])), "cut off");
    }
}
