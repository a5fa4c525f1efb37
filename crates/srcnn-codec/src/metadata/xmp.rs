//! XMP packets: what they say of orientation and size is kept true; the rest is not looked at.

/// Says that the picture stands upright, where the packet states an orientation.
pub(crate) fn reset_orientation(packet: &mut Vec<u8>) {
    set_number(packet, b"tiff:Orientation", 1);
}

/// Writes a picture's size where the packet states one.
pub(crate) fn set_size(packet: &mut Vec<u8>, width: u32, height: u32) {
    for (names, side) in [
        ([&b"tiff:ImageWidth"[..], b"exif:PixelXDimension"], width),
        ([&b"tiff:ImageLength"[..], b"exif:PixelYDimension"], height),
    ] {
        names.iter().for_each(|name| set_number(packet, name, side));
    }
}

/// Replaces the first number that stands as an attribute (`name="6"`) or an element (`<name>6</name>`).
fn set_number(packet: &mut Vec<u8>, name: &[u8], number: u32) {
    let Some(after) = packet.windows(name.len()).position(|w| w == name).map(|at| at + name.len()) else { return };
    let opening = packet[after..].iter().take_while(|b| b" =\"'>\r\n\t".contains(b)).count();
    let digits = packet[after + opening..].iter().take_while(|b| b.is_ascii_digit()).count();
    if opening > 0 && digits > 0 {
        let start = after + opening;
        packet.splice(start..start + digits, number.to_string().into_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_replaced_in_attributes_and_elements() {
        let mut packet =
            b"<a tiff:Orientation=\"6\" tiff:ImageWidth='9'><exif:PixelYDimension>12</exif:PixelYDimension>".to_vec();
        reset_orientation(&mut packet);
        set_size(&mut packet, 100, 24);
        let expected =
            "<a tiff:Orientation=\"1\" tiff:ImageWidth='100'><exif:PixelYDimension>24</exif:PixelYDimension>";
        assert_eq!(String::from_utf8_lossy(&packet), expected);
        for odd in ["tiff:Orientation", "tiff:Orientation=\"x\"", "tiff:Orientation6"] {
            let mut packet = odd.as_bytes().to_vec();
            reset_orientation(&mut packet);
            assert_eq!(packet, odd.as_bytes());
        }
    }
}
