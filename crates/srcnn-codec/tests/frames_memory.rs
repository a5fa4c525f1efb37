//! The largest pictures and animations that a limit lets through, made of next to no bytes, take no more memory than it allows. Apart
//! from other tests, since the memory that is measured is the process's.

use std::io::{self, BufReader, Cursor, Read};
use std::process::Command;

use srcnn_codec::animation::{Opened, open};
use srcnn_codec::{DecodeError, decode};
use srcnn_fixtures::{png_chunk, riff_chunk};
use srcnn_image::progress::Silent;
use srcnn_image::rows::{Rows, RowsError};
use srcnn_image::{Limits, Work};

const LIMITS: Limits = Limits { memory: 256 << 20, pixels: 1 << 30, work: Work::Any };
/// Bytes for what is beside pictures.
const BESIDE: u64 = 4 << 20;
/// What makes glibc's allocator give back at once what is freed; else it keeps up to 64 MiB.
const GIVE_BACK: [(&str, &str); 2] = [("MALLOC_MMAP_THRESHOLD_", "65536"), ("MALLOC_TRIM_THRESHOLD_", "65536")];
/// Pixels a side of pictures that are surely refused, so that they need no data.
const TOO_LARGE: usize = 8500;

/// A figure of this process in bytes; none where the system does not tell.
fn figure(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()? << 10)
}

/// The flat part of a GIF file, of a color that is not grey.
fn gif_image(side: u16, flags: u8) -> Vec<u8> {
    let mut image = vec![b',', 0, 0, 0, 0];
    image.extend([side, side].iter().flat_map(|side| side.to_le_bytes()));
    image.extend([flags, 2]);
    let mut encoder = weezl::encode::Encoder::new(weezl::BitOrder::Lsb, 2);
    let pixels = if usize::from(side) > TOO_LARGE { 1 } else { usize::from(side).pow(2) };
    let (mut codes, indices) = (Vec::new(), io::repeat(1).take(pixels as u64));
    encoder.into_stream(&mut codes).encode_all(BufReader::new(indices)).status.expect("memory");
    for part in codes.chunks(255) {
        image.push(part.len() as u8);
        image.extend(part);
    }
    image.push(0);
    image
}

/// A file of pictures of these sides and flags on a screen.
fn gif(screen: usize, images: &[(usize, u8)]) -> Vec<u8> {
    let [low, high] = (screen as u16).to_le_bytes();
    let mut file = [&b"GIF89a"[..], &[low, high, low, high, 0x80, 0, 0], &[0, 0, 0, 200, 90, 10]].concat();
    for (side, flags) in images {
        // Disposed of by what was there before.
        file.extend([b'!', 0xF9, 4, 3 << 2, 5, 0, 0, 0]);
        file.extend(gif_image(*side as u16, *flags));
    }
    file.push(b';');
    file
}

/// The samples of a square of one color, none of which takes a bit.
fn webp_flat(side: usize) -> Vec<u8> {
    let (mut bits, mut count) = (0u128, 0);
    let mut put = |number: usize, size: u32| {
        bits |= (number as u128) << count;
        count += size;
    };
    for (number, size) in [(0x2F, 8), (side - 1, 14), (side - 1, 14), (0, 7)] {
        put(number, size);
    }
    // Simple codes of one symbol.
    for symbol in [0, 200, 0, 255, 0] {
        put(5 | symbol << 3, 11);
    }
    riff_chunk(b"VP8L", &bits.to_le_bytes())
}

fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = [&b"WEBP"[..], &chunks.concat()].concat();
    riff_chunk(b"RIFF", &body)
}

fn three(number: usize) -> [u8; 3] {
    let [a, b, c, _] = (number as u32).to_le_bytes();
    [a, b, c]
}

fn webp_animation(side: usize) -> Vec<u8> {
    let size = [three(side - 1), three(side - 1)].concat();
    let frame = riff_chunk(b"ANMF", &[&[0; 6][..], &size, &three(40), &[0], &webp_flat(side)].concat());
    let head = riff_chunk(b"VP8X", &[&[2, 0, 0, 0][..], &size].concat());
    webp(&[head, riff_chunk(b"ANIM", &[0; 6]), frame.clone(), frame])
}

/// Two frames, of samples of so many bits and channels by the type of color.
fn apng(side: usize, bits: u8, color: u8, channels: usize) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind, data: &[u8]| file.extend(png_chunk(kind, data));
    let numbers = |numbers: &[usize]| numbers.iter().flat_map(|n| (*n as u32).to_be_bytes()).collect::<Vec<u8>>();
    let control = |number| [&numbers(&[number, side, side, 0, 0])[..], &[0, 1, 0, 20, 0, 0]].concat();
    let bytes = if side > TOO_LARGE { 0 } else { (1 + side * channels * usize::from(bits) / 8) * side };
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    io::copy(&mut io::repeat(0).take(bytes as u64), &mut encoder).expect("memory");
    let data = encoder.finish().expect("memory");
    chunk(b"IHDR", &[&numbers(&[side, side])[..], &[bits, color, 0, 0, 0]].concat());
    chunk(b"acTL", &numbers(&[2, 0]));
    chunk(b"fcTL", &control(0));
    chunk(b"IDAT", &data);
    chunk(b"fcTL", &control(1));
    chunk(b"fdAT", &[&numbers(&[2])[..], &data].concat());
    chunk(b"IEND", &[]);
    file
}

fn bmp(side: usize) -> Vec<u8> {
    let mut head = b"BM\0\0\0\0\0\0\0\0".to_vec();
    let numbers = |head: &mut Vec<u8>, numbers: &[u32]| head.extend(numbers.iter().flat_map(|v| v.to_le_bytes()));
    numbers(&mut head, &[14 + 40 + 8, 40, side as u32, side as u32, 1 | 8 << 16, 1, 2, 0, 0, 2, 0]);
    [&head[..], &[9, 9, 9, 0, 90, 90, 90, 0], &[0, 1]].concat()
}

/// Reads all that there is; gives the pixels.
fn read(bytes: &[u8]) -> Result<u64, DecodeError> {
    match open(Cursor::new(bytes), LIMITS, &Silent)? {
        Opened::Picture(mut rows) => {
            let error = |error: RowsError| *error.downcast::<DecodeError>().expect("decoders give their own errors");
            while rows.read(64).map_err(error)?.is_some() {}
            Ok(rows.shape().size().pixels())
        }
        Opened::Animation(mut animation) => {
            while animation.next_frame()?.is_some() {}
            Ok(animation.size().pixels())
        }
    }
}

#[test]
fn what_is_let_through_takes_no_more_than_is_allowed() {
    if std::env::var_os(GIVE_BACK[0].0).is_none() {
        let mut test = Command::new(std::env::current_exe().expect("this test"));
        let name = "what_is_let_through_takes_no_more_than_is_allowed";
        let run = test.args([name, "--exact", "--nocapture"]).envs(GIVE_BACK).status().expect("it starts");
        assert!(run.success(), "{run}");
        return;
    }
    type Make = Box<dyn Fn(usize) -> Vec<u8>>;
    let kinds: [(&str, Make); 12] = [
        ("GIF", Box::new(|side| gif(side, &[(side, 0)]))),
        ("GIF, interlaced", Box::new(|side| gif(side, &[(side, 0x40)]))),
        ("GIF, a screen alone", Box::new(|side| gif(side, &[(1, 0)]))),
        ("GIF, a picture larger than its screen", Box::new(|side| gif(8, &[(side, 0)]))),
        ("animated GIF", Box::new(|side| gif(side, &[(side, 0), (side, 0x40)]))),
        ("animated GIF, frames beyond their screen", Box::new(|side| gif(8, &[(side, 0), (side, 0)]))),
        ("animated GIF, a screen alone", Box::new(|side| gif(side, &[(1, 0), (1, 0)]))),
        ("BMP", Box::new(bmp)),
        ("WebP", Box::new(|side| webp(&[webp_flat(side)]))),
        ("animated WebP", Box::new(webp_animation)),
        ("APNG", Box::new(|side| apng(side, 8, 0, 1))),
        ("APNG of 16 bits", Box::new(|side| apng(side, 16, 6, 4))),
    ];
    let begin = figure("VmRSS:");
    for (name, make) in kinds {
        // The peak is counted from here on, where the system allows it.
        _ = std::fs::write("/proc/self/clear_refs", "5");
        let mut refused = 0;
        let side = (1000..=9000).rev().step_by(500).find(|side| match read(&make(*side)) {
            Ok(_) => true,
            Err(DecodeError::TooLarge { .. }) => {
                refused += 1;
                false
            }
            Err(error) => panic!("{name} of {side}: {error}"),
        });
        let side = side.unwrap_or_else(|| panic!("{name}: nothing is let through"));
        let taken = figure("VmHWM:").zip(begin).map(|(peak, begin)| peak - begin);
        println!("{name}: {side} pixels a side, {taken:?} bytes at most");
        assert!(refused > 0 && side >= 2500, "{name}: {side}, {refused} refused");
        assert!(taken.is_none_or(|taken| taken <= LIMITS.memory + BESIDE), "{name} of {side}: {taken:?} bytes");
    }
    // The first frame alone, as of any picture.
    assert!(decode(&gif(3000, &[(3000, 0), (3000, 0)]), LIMITS).is_ok());
}
