//! TIFF files of few bytes whose strips or tiles would take far more memory than their picture: read within the limit, or
//! refused. Apart from other tests, since the memory that is measured is the process's.

use std::io::{Cursor, Write};

use srcnn_codec::open;
use srcnn_image::rows::Rows;
use srcnn_image::{Limits, Work};

const LIMITS: Limits = Limits { memory: 64 << 20, pixels: 1 << 30, work: Work::BySize };

/// The most memory that this process has had, in bytes; none where the system does not tell.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()? << 10)
}

/// A grey or RGB picture whose strips or tiles all lie at one place, each `packed` long. `tile` is a tile's width and height, or 0 and
/// rows a strip.
fn file(width: u32, height: u32, channels: u16, compression: u16, packed: &[u8], tile: (u32, u32)) -> Vec<u8> {
    let (across, high) = if tile.0 > 0 { (width.div_ceil(tile.0), tile.1) } else { (1, tile.1) };
    let count = across * height.div_ceil(high);
    let mut file = b"II*\0\0\0\0\0".to_vec();
    file.extend(packed);
    file.resize(file.len().next_multiple_of(4), 0);
    let mut array = |values: &mut dyn Iterator<Item = u32>| {
        let at = file.len() as u32;
        values.for_each(|v| file.extend(v.to_le_bytes()));
        at
    };
    let offsets = array(&mut (0..count).map(|_| 8));
    let lengths = array(&mut (0..count).map(|_| packed.len() as u32));
    let bits = array(&mut [8 | 8 << 16, 8].into_iter());
    let mut fields = vec![
        (256, 1, width),
        (257, 1, height),
        (258, u32::from(channels), if channels == 1 { 8 } else { bits }),
        (259, 1, compression.into()),
        (262, 1, if channels == 1 { 1 } else { 2 }),
        (277, 1, channels.into()),
    ];
    if tile.0 > 0 {
        fields.extend([(322, 1, tile.0), (323, 1, tile.1), (324, count, offsets), (325, count, lengths)]);
    } else {
        fields.extend([(273, count, offsets), (278, 1, high), (279, count, lengths)]);
    }
    fields.sort_unstable();
    let at = file.len() as u32;
    file[4..8].copy_from_slice(&at.to_le_bytes());
    file.extend((fields.len() as u16).to_le_bytes());
    for (tag, count, value) in fields {
        // Words, or two bytes each of a table of bits.
        let kind = if tag == 258 || tag == 259 || tag == 262 || tag == 277 { 3u16 } else { 4 };
        file.extend((tag as u16).to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend([0; 4]);
    file
}

fn deflated(bytes: usize) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![0; bytes]).expect("memory");
    encoder.finish().expect("memory")
}

fn lzw(bytes: usize) -> Vec<u8> {
    let mut encoder = weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
    encoder.encode(&vec![0; bytes]).expect("memory")
}

#[test]
fn what_strips_and_tiles_take_is_counted_not_what_of_them_lies_in_the_picture() {
    let padded = |mut packed: Vec<u8>, length: usize| {
        packed.resize(length, 0);
        packed
    };
    let files = [
        ("tiles far wider than the picture, LZW", file(16, 65536, 3, 5, &lzw(65536 * 3 * 16), (65536, 16))),
        ("tiles far wider than the picture, Deflate", file(16, 65536, 3, 8, &deflated(65536 * 3 * 16), (65536, 16))),
        ("strips far longer than their rows", file(10, 35000, 3, 8, &padded(deflated(30), 1 << 16), (0, 1))),
        ("tiles of a pixel, LZW", file(20_000, 16, 1, 5, &lzw(1), (1, 1))),
        ("tiles of a pixel, Deflate", file(20_000, 16, 1, 8, &padded(deflated(1), 5000), (1, 1))),
    ];
    for (name, bytes) in files {
        let before = peak();
        let mut rows = 0;
        match open(Cursor::new(&bytes), LIMITS) {
            Ok(mut picture) => {
                let height = picture.shape().height;
                while let Ok(Some(part)) = picture.read(64) {
                    rows += part.height();
                }
                println!("{name}: {rows} of {height} rows of {} bytes", bytes.len());
            }
            Err(error) => println!("{name}: {error}"),
        }
        let grown = peak().zip(before).map(|(after, before)| after - before);
        assert!(grown.is_none_or(|grown| grown <= LIMITS.memory), "{name}: {grown:?} bytes");
    }
}
