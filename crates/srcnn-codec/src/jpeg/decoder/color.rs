//! YCbCr of full range (ITU-R BT.601, as JFIF has it) to RGB, with 16 fraction bits, as libjpeg.

/// Pixels at once.
const PIXELS: usize = 16;

/// One number of red, green and blue each; of luma and two of color difference.
#[inline(always)]
fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let [y, cb, cr] = [i16::from(y), i16::from(cb) - 128, i16::from(cr) - 128];
    // 1.402, 1.772, 0.34414 and 0.71414, less what is a whole number.
    let red = y + cr + rounded(26_345, cr);
    let blue = y + 2 * cb + rounded(-14_942, cb);
    let green = y - cr + ((i32::from(cr) * 18_734 - i32::from(cb) * 22_554 + 32_768) >> 16) as i16;
    [red, green, blue].map(|v| v.clamp(0, 255) as u8)
}

/// `factor * v / 65536`, rounded to nearest, halves up. Written so that it becomes a multiplication of 16 bits.
#[inline(always)]
fn rounded(factor: i16, v: i16) -> i16 {
    (((i32::from(factor) * i32::from(2 * v)) >> 16) as i16 + 1) >> 1
}

/// Rows of luma and color differences to a row of RGB.
pub(super) fn ycc_to_rgb([y, cb, cr]: [&[u8]; 3], out: &mut [u8]) {
    interleave([y, cb, cr], out, |y, cb, cr| {
        let mut pixels = [[0; PIXELS]; 3];
        for x in 0..PIXELS {
            [pixels[0][x], pixels[1][x], pixels[2][x]] = rgb(y[x], cb[x], cr[x]);
        }
        pixels
    });
}

/// Rows of red, green and blue to a row of RGB.
pub(super) fn join(rows: [&[u8]; 3], out: &mut [u8]) {
    interleave(rows, out, |r, g, b| [*r, *g, *b]);
}

/// Interleaves what `convert` makes of three rows.
#[inline(always)]
fn interleave(
    [a, b, c]: [&[u8]; 3],
    out: &mut [u8],
    convert: impl Fn(&[u8; PIXELS], &[u8; PIXELS], &[u8; PIXELS]) -> [[u8; PIXELS]; 3],
) {
    let (whole, rest) = out.as_chunks_mut::<{ 3 * PIXELS }>();
    let rows = a.as_chunks().0.iter().zip(b.as_chunks().0).zip(c.as_chunks().0);
    for (((a, b), c), out) in rows.zip(&mut *whole) {
        let [a, b, c] = convert(a, b, c);
        let words: [u32; PIXELS] =
            std::array::from_fn(|x| u32::from(a[x]) | u32::from(b[x]) << 8 | u32::from(c[x]) << 16);
        // Four bytes at a time; the next pixel overwrites the last one.
        for (x, word) in words.iter().enumerate().take(PIXELS - 1) {
            out[3 * x..3 * x + 4].copy_from_slice(&word.to_le_bytes());
        }
        out[3 * PIXELS - 3..].copy_from_slice(&words[PIXELS - 1].to_le_bytes()[..3]);
    }
    let done = whole.len() * PIXELS;
    let tail = |row: &[u8]| {
        let mut tail = [0; PIXELS];
        tail.iter_mut().zip(&row[done..]).for_each(|(to, from)| *to = *from);
        tail
    };
    let [a, b, c] = convert(&tail(a), &tail(b), &tail(c));
    for (x, out) in rest.as_chunks_mut::<3>().0.iter_mut().enumerate() {
        *out = [a[x], b[x], c[x]];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_wide_arithmetic() {
        for colors in 0..=u16::MAX {
            let [cb, cr] = colors.to_be_bytes();
            let [b, r] = [cb, cr].map(|v| i32::from(v) - 128);
            for y in [0, 1, 100, 255] {
                let wide = [
                    (91_881 * r + 32_768) >> 16,
                    (-22_554 * b - 46_802 * r + 32_768) >> 16,
                    (116_130 * b + 32_768) >> 16,
                ];
                assert_eq!(rgb(y, cb, cr), wide.map(|v| (i32::from(y) + v).clamp(0, 255) as u8));
            }
        }
    }

    #[test]
    fn rows_of_any_length_are_interleaved() {
        let row: Vec<u8> = (0..=255).collect();
        for length in [0, 1, 15, 16, 17, 40] {
            let mut out = vec![0; 3 * length];
            join([&row, &row[1..], &row[2..]], &mut out);
            let expected: Vec<u8> = (0..length as u8).flat_map(|x| [x, x + 1, x + 2]).collect();
            assert_eq!(out, expected);
        }
    }
}
