//! Blocks of GIF files.

use std::borrow::Cow;

use srcnn_image::Size;
use srcnn_image::image::Change;

use crate::decode_error::DecodeError;
use crate::frames::stored::EachSize;

/// How files begin, by version.
const SIGNATURES: [&[u8]; 2] = [b"GIF87a", b"GIF89a"];
/// Bytes of the header and the logical screen descriptor, and where the latter's flags are.
const SCREEN: usize = 13;
const SCREEN_FLAGS: usize = 10;
/// Where the latter's columns and rows are.
const SCREEN_SIZE: [usize; 2] = [6, 8];
/// Bytes of an image descriptor and the size of its codes, and where its flags are.
const IMAGE: usize = 11;
const IMAGE_FLAGS: usize = 9;
/// Where in an image descriptor left, top, columns and rows are.
const IMAGE_PLACE: [usize; 4] = [1, 3, 5, 7];
/// Bytes of an extension before its data.
const EXTENSION: usize = 2;
/// The first bytes of blocks, and the byte that ends the file.
const IMAGE_SEPARATOR: u8 = b',';
const EXTENSION_INTRODUCER: u8 = b'!';
const TRAILER: u8 = b';';
/// The kind of an extension that announces a picture.
const GRAPHIC_CONTROL: u8 = 0xF9;
/// What begins an application's extension that says how often an animation is played, by either name.
const LOOPS: [&[u8]; 2] = [b"\xFF\x0BNETSCAPE2.0", b"\xFF\x0BANIMEXTS1.0"];
/// Flags: there is a color table; the logarithm of its size, less one.
const HAS_TABLE: u8 = 0x80;
const TABLE_SIZE: u8 = 7;

/// Whether a file begins as this format does.
pub(crate) fn is_signature(head: &[u8]) -> bool {
    SIGNATURES.iter().any(|signature| head.starts_with(signature))
}

/// The bytes of the color table that flags announce.
fn table(flags: u8) -> usize {
    if flags & HAS_TABLE == 0 { 0 } else { 3 << ((flags & TABLE_SIZE) + 1) }
}

/// A file that goes on to its end, at least as far as pictures do, as decoders take it.
pub(super) struct Sound<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) images: usize,
    /// Size of the first picture.
    pub(super) first: Size,
    /// Whether the mark at the end of the file, or that of its last block, was missing.
    pub(super) end_missing: bool,
    /// Whether it is, or says to be, an animation.
    animated: bool,
}

impl Sound<'_> {
    /// What is to be said of the end. Of an animation nothing tells how many frames it had.
    pub(super) fn note(&self) -> Option<Change> {
        let missing = if self.animated { Change::LastFramesMissing } else { Change::EndMissing };
        self.end_missing.then_some(missing)
    }
}

/// How many pictures a file has; none if it ends before they do.
pub(crate) fn images(bytes: &[u8]) -> Option<usize> {
    Some(walk(bytes)?.images)
}

/// Calls `each` with the size of every picture, in order, up to the end of the file.
pub(crate) fn sizes(bytes: &[u8], each: EachSize<'_>) -> Result<(), DecodeError> {
    let mut told = Ok(());
    walk_with(bytes, |[_, _, width, height]| {
        if told.is_ok() {
            told = each(Size::new(width.into(), height.into()));
        }
    });
    told
}

/// A file with the marks at its end, and with a screen as large as the first picture needs if it has none. None if it ends before
/// its pictures do.
pub(super) fn sound(bytes: &[u8]) -> Option<Sound<'_>> {
    let Walk { images, missing, first: [left, top, width, height], loops } = walk(bytes)?;
    let reach = [(left, width), (top, height)].map(|(from, size)| from.saturating_add(size).to_le_bytes());
    let first = Size::new(width.into(), height.into());
    let (end_missing, animated) = (!missing.is_empty(), loops || images > 1);
    let mut sound = Sound { bytes: Cow::Borrowed(bytes), images, first, end_missing, animated };
    if sound.end_missing {
        sound.bytes.to_mut().extend(missing);
    }
    for (at, reach) in SCREEN_SIZE.into_iter().zip(reach) {
        if bytes.get(at..at + 2) == Some(&[0, 0]) && reach != [0, 0] {
            sound.bytes.to_mut()[at..at + 2].copy_from_slice(&reach);
        }
    }
    Some(sound)
}

/// The size of the screen.
pub(super) fn screen(bytes: &[u8]) -> Size {
    let [width, height] = SCREEN_SIZE
        .map(|at| bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |side| u16::from_le_bytes(*side)));
    Size::new(width.into(), height.into())
}

struct Walk {
    images: usize,
    /// The marks that are missing at the end.
    missing: &'static [u8],
    /// Left, top, columns and rows of the first picture.
    first: [u16; 4],
    /// Whether it says how often it is played.
    loops: bool,
}

fn walk(bytes: &[u8]) -> Option<Walk> {
    walk_with(bytes, |_| {})
}

/// Walks from block to block, and calls `each` with left, top, columns and rows of every picture.
fn walk_with(bytes: &[u8], mut each: impl FnMut([u16; 4])) -> Option<Walk> {
    let mut at = SCREEN + table(*bytes.get(SCREEN_FLAGS)?);
    let mut walk = Walk { images: 0, missing: &[], first: [0; 4], loops: false };
    // Whether another picture was announced.
    let mut announced = false;
    loop {
        let is_image = match bytes.get(at).copied() {
            Some(TRAILER) => return Some(walk),
            Some(EXTENSION_INTRODUCER) => {
                let rest = &bytes[at + 1..];
                announced |= rest.first() == Some(&GRAPHIC_CONTROL);
                walk.loops |= LOOPS.iter().any(|begin| rest.starts_with(begin));
                at += EXTENSION;
                false
            }
            Some(IMAGE_SEPARATOR) => {
                let number = |at: usize| Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
                let place = IMAGE_PLACE.map(|place| number(at + place).unwrap_or(0));
                if walk.images == 0 {
                    walk.first = place;
                }
                each(place);
                (walk.images, announced) = (walk.images + 1, false);
                at += IMAGE + table(*bytes.get(at + IMAGE_FLAGS)?);
                true
            }
            // Padding.
            Some(_) => {
                at += 1;
                continue;
            }
            None if at == bytes.len() && walk.images > 0 && !announced => {
                walk.missing = &[TRAILER];
                return Some(walk);
            }
            None => return None,
        };
        // Sub-blocks: each a length and as many bytes; the last has none.
        loop {
            let Some(length) = bytes.get(at).copied() else {
                walk.missing = &[0, TRAILER];
                return (at == bytes.len() && is_image).then_some(walk);
            };
            at += 1 + usize::from(length);
            if length == 0 {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_counted_in_files_that_are_complete() {
        // A screen without a table; an extension; a picture with a table of two colors.
        let screen = [&b"GIF89a"[..], &[1, 0, 1, 0, 0, 0, 0]].concat();
        let extension = [b'!', 0xF9, 1, b',', 0];
        let image = [&[b',', 0, 0, 0, 0, 1, 0, 1, 0, 0x80][..], &[0; 6], &[2, 2, b';', b',', 0]].concat();
        let file = |parts: &[&[u8]]| parts.concat();
        assert_eq!(images(&file(&[&screen, b";"])), Some(0));
        assert_eq!(images(&file(&[&screen, &extension, &image, b"\0\0;"])), Some(1));
        let whole = file(&[&screen, &extension, &image, &image, b";"]);
        assert_eq!(images(&whole), Some(2));
        let [first, second] = [1, 2].map(|n| whole.len() - 1 - (2 - n) * image.len());
        for length in 0..whole.len() {
            let there =
                sound(&whole[..length]).map(|sound| (sound.images, sound.end_missing, sound.bytes.into_owned()));
            // The mark at the end of a picture is missing, or its last block (which the decoder sees), or that of the file.
            let ends = |end: usize| [end, end - 1, end - 1 - 3].contains(&length);
            let images = if ends(first) { Some(1) } else { ends(second).then_some(2) };
            assert_eq!(there.as_ref().map(|(images, ..)| *images), images, "{length}");
            assert!(there.is_none_or(|(_, missing, bytes)| missing && bytes.ends_with(&[0, TRAILER])), "{length}");
        }
    }

    #[test]
    fn sizes_of_pictures_are_told_in_order_until_one_is_refused() {
        let screen = [&b"GIF89a"[..], &[1, 0, 1, 0, 0, 0, 0]].concat();
        let image = |width, height| [b',', 0, 0, 0, 0, width, 0, height, 1, 0, 2, 1, 7, 0];
        let file = [&screen[..], &image(5, 6), &image(7, 8), &image(9, 10), b";"].concat();
        let mut all = Vec::new();
        let told = sizes(&file, &mut |size| {
            all.push(size);
            if size.width == 7 { Err(DecodeError::Empty) } else { Ok(()) }
        });
        assert!(matches!(told, Err(DecodeError::Empty)));
        assert_eq!(all, [Size::new(5, 262), Size::new(7, 264)]);
    }

    #[test]
    fn a_screen_without_pixels_is_as_large_as_the_first_picture() {
        let image = [&[b',', 2, 0, 3, 0, 7, 1, 5, 0, 0][..], &[2, 1, 1, 0]].concat();
        let screen = |size: [u8; 4]| [&b"GIF89a"[..], &size, &[0, 0, 0]].concat();
        let file = |size| [screen(size), image.clone(), b";".to_vec()].concat();
        for (size, wanted) in [([0; 4], [9, 1, 8, 0]), ([4, 0, 0, 0], [4, 0, 8, 0]), ([4, 0, 5, 0], [4, 0, 5, 0])] {
            let bytes = file(size);
            assert_eq!(sound(&bytes).map(|sound| sound.bytes.into_owned()), Some(file(wanted)));
        }
    }
}
