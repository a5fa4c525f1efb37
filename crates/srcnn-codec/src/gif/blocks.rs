//! Blocks of GIF files.

/// How files begin, by version.
const SIGNATURES: [&[u8]; 2] = [b"GIF87a", b"GIF89a"];
/// Bytes of the header and the logical screen descriptor, and where the latter's flags are.
const SCREEN: usize = 13;
const SCREEN_FLAGS: usize = 10;
/// Bytes of an image descriptor and the size of its codes, and where its flags are.
const IMAGE: usize = 11;
const IMAGE_FLAGS: usize = 9;
/// Bytes of an extension before its data.
const EXTENSION: usize = 2;
/// The first bytes of blocks, and the byte that ends the file.
const IMAGE_SEPARATOR: u8 = b',';
const EXTENSION_INTRODUCER: u8 = b'!';
const TRAILER: u8 = b';';
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

/// How many pictures a file has; none if it does not go on to its end.
pub(crate) fn images(bytes: &[u8]) -> Option<usize> {
    let mut at = SCREEN + table(*bytes.get(SCREEN_FLAGS)?);
    let mut images = 0;
    loop {
        match *bytes.get(at)? {
            TRAILER => return Some(images),
            EXTENSION_INTRODUCER => at += EXTENSION,
            IMAGE_SEPARATOR => {
                images += 1;
                at += IMAGE + table(*bytes.get(at + IMAGE_FLAGS)?);
            }
            // Padding.
            _ => {
                at += 1;
                continue;
            }
        }
        // Sub-blocks: each a length and as many bytes; the last has none.
        loop {
            let length = usize::from(*bytes.get(at)?);
            at += 1 + length;
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
        assert!((0..whole.len()).all(|length| images(&whole[..length]).is_none()));
    }
}
