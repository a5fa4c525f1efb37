//! Image resources of Photoshop (Adobe's file format specification), in which JPEG files keep IPTC: a block of them, cut over several
//! segments if it is long.

/// What begins each segment.
pub(super) const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
/// What begins a resource; those of other programs have other names.
const RESOURCE: &[u8] = b"8BIM";
const OTHERS: [&[u8]; 4] = [b"MeSa", b"AgHg", b"PHUT", b"DCSR"];
/// The number of the resource that is an IPTC record.
const IPTC: u16 = 0x0404;

/// The IPTC record among resources, which are the data of segments one after the other, without their beginnings.
pub(super) fn iptc(resources: &[u8]) -> Option<Vec<u8>> {
    let mut rest = resources;
    loop {
        let name = rest.get(..4)?;
        if name != RESOURCE && !OTHERS.contains(&name) {
            return None;
        }
        let number = u16::from_be_bytes(*rest.get(4..)?.first_chunk()?);
        // A name, its length before it, and its end even.
        let named = (1 + usize::from(*rest.get(6)?)).next_multiple_of(2);
        rest = rest.get(6 + named..)?;
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let data = rest.get(4..length.checked_add(4)?)?;
        if number == IPTC && name == RESOURCE && !data.is_empty() {
            return Some(data.to_vec());
        }
        // The last one may lack the byte that makes it even.
        rest = rest.get(4 + length.next_multiple_of(2)..)?;
    }
}

/// Resources with nothing but an IPTC record.
pub(super) fn resources(iptc: &[u8]) -> Vec<u8> {
    let length = u32::try_from(iptc.len()).expect("metadata of less than 4 GiB");
    let mut resources = [RESOURCE, &IPTC.to_be_bytes(), &[0, 0], &length.to_be_bytes(), iptc].concat();
    resources.resize(resources.len().next_multiple_of(2), 0);
    resources
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_is_found_among_others() {
        for record in [&b"\x1C\x02\x78\0\x02ab"[..], b"\x1C\x02\x78\0\x01a"] {
            let other =
                [RESOURCE, &[4, 0x25], b"\x03abc\0\0\0\x03xyz\0", b"MeSa", &[4, 4, 0, 0, 0, 0, 0, 1, 9, 0]].concat();
            let all = [&other, &resources(record)[..], &other].concat();
            assert_eq!(iptc(&all).as_deref(), Some(record));
            assert_eq!(iptc(&other), None);
            for cut in 0..other.len() + 12 + record.len() {
                assert_eq!(iptc(&all[..cut]), None, "{cut}");
            }
        }
        assert_eq!(iptc(b"8BIM\x04\x04\0\0\xFF\xFF\xFF\xFFab"), None, "a length beyond the end");
    }
}
