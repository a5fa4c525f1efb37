//! Pictures of few bytes whose metadata inflate to far more than the memory that is allowed: read without them. Apart from other tests,
//! since the memory that is measured is the process's.

use std::io::Write;

use srcnn_codec::decode;
use srcnn_fixtures::png_chunk;
use srcnn_image::image::Change;
use srcnn_image::{Limits, Work};

const LIMITS: Limits = Limits { memory: 32 << 20, pixels: 1 << 24, work: Work::BySize };
/// Bytes that the metadata inflate to.
const INFLATED: usize = 256 << 20;

/// The most memory that this process has had, in bytes; none where the system does not tell.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()? << 10)
}

/// So many zeros behind `head`, in zlib's frame.
fn deflated(head: &[u8], zeros: usize) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(head).expect("in memory");
    (0..zeros >> 16).for_each(|_| encoder.write_all(&[0; 1 << 16]).expect("in memory"));
    encoder.finish().expect("in memory")
}

/// A grey picture of 2x2 pixels with a chunk before its samples.
fn png(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = [0, 0, 0, 2, 0, 0, 0, 2, 8, 0, 0, 0, 0];
    let samples = deflated(&[0, 10, 20, 0, 30, 40], 0);
    for (kind, data) in [(b"IHDR", &header[..]), (kind, data), (b"IDAT", &samples), (b"IEND", &[])] {
        file.extend(png_chunk(kind, data));
    }
    file
}

/// A profile for grey of zeros.
fn profile(zeros: usize) -> Vec<u8> {
    let head = [&[0; 16][..], b"GRAYXYZ ", &[0; 12], b"acsp"].concat();
    [b"name\0\0", &deflated(&head, zeros)[..]].concat()
}

fn packet(zeros: usize) -> Vec<u8> {
    [b"XML:com.adobe.xmp\0\x01\0\0\0", &deflated(b"<x/>", zeros)[..]].concat()
}

#[test]
fn what_metadata_inflate_to_is_bounded() {
    let mut files = vec![
        ("a profile in PNG", png(b"iCCP", &profile(INFLATED))),
        ("a packet in PNG", png(b"iTXt", &packet(INFLATED))),
        ("Exif in PNG", png(b"eXIf", &[&b"II*\0"[..], &[0; 2 << 20]].concat())),
    ];
    if cfg!(feature = "jxl") {
        files.push(("a packet in JPEG XL", jxl::with_packet(INFLATED)));
    }
    for (name, file) in files {
        let before = peak();
        let picture = decode(&file, LIMITS).unwrap_or_else(|error| panic!("{name}: {error}"));
        let metadata = &picture.metadata;
        assert_eq!(metadata.changes, [Change::LargeMetadata], "{name}");
        assert!(metadata.exif.is_none() && metadata.xmp.is_none(), "{name}");
        let grown = peak().zip(before).map(|(after, before)| after - before);
        assert!(grown.is_none_or(|grown| grown <= LIMITS.memory / 2), "{name}: {grown:?} bytes");
    }
}

#[test]
fn metadata_of_the_usual_size_are_kept() {
    let size = 1 << 19;
    let kept = |kind: &[u8; 4], data: &[u8]| decode(&png(kind, data), LIMITS).expect("a picture").metadata;
    assert_eq!(kept(b"iCCP", &profile(size)).icc.map(|profile| profile.len()), Some(size + 40));
    assert_eq!(kept(b"iTXt", &packet(size)).xmp.map(|packet| packet.len()), Some(size + 4));
    assert!(kept(b"iTXt", &packet(0)).changes.is_empty());
    let exif = [&b"II*\0\x08\0\0\0\0\0"[..], &vec![0; size]].concat();
    assert_eq!(kept(b"eXIf", &exif).exif.map(|block| block.len()), Some(exif.len()));
}

/// JPEG XL files, made by tools/bombs/jxl.py.
mod jxl {
    /// A black picture of 24x16 pixels.
    const PICTURE: [u8; 30] = [
        0xff, 0x0a, 0x7e, 0x00, 0x00, 0x00, 0xf0, 0x05, 0x00, 0x00, 0x20, 0x80, 0x98, 0x08, 0x06, 0x01, 0x00, 0x2c,
        0x00, 0x2b, 0x00, 0x24, 0x60, 0xfd, 0x00, 0x24, 0x60, 0xfd, 0x00, 0x06,
    ];

    fn boxed(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        [&(data.len() as u32 + 8).to_be_bytes()[..], kind, data].concat()
    }

    /// [`PICTURE`] with an XMP packet of zeros, whose number is a multiple of 16 MiB.
    pub fn with_packet(zeros: usize) -> Vec<u8> {
        let (mut stream, mut free) = (vec![0_u8], 8);
        let mut put = |value: u32, count: u32| {
            for bit in 0..count {
                if free == 0 {
                    stream.push(0);
                    free = 8;
                }
                let last = stream.len() - 1;
                stream[last] |= ((value >> bit & 1) as u8) << (8 - free);
                free -= 1;
            }
        };
        // Blocks of Brotli (RFC 7932, 9.2) of a literal and a copy of 16 MiB less one at distance 1.
        put(15, 4);
        let length = 16 << 20;
        for _ in 0..zeros / length {
            put(2 << 1, 3);
            put(length as u32 - 1, 24);
            put(0, 14);
            for (symbol, bits) in [(0, 8), (399, 10), (16, 6)] {
                put(1, 4);
                put(symbol, bits);
            }
            put(length as u32 - 1 - 2118, 24);
            put(0, 1);
        }
        put(3, 2);
        [
            b"\0\0\0\x0CJXL \r\n\x87\n".to_vec(),
            boxed(b"ftyp", b"jxl \0\0\0\0jxl "),
            boxed(b"brob", &[b"xml ", &stream[..]].concat()),
            boxed(b"jxlc", &PICTURE),
        ]
        .concat()
    }
}
