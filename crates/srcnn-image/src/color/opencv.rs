//! OpenCV's `cvtColor` between RGB and YCrCb on uint8: BT.601, full range, 14-bit fixed point, bit for bit.
//!
//! The order of channels is OpenCV's: Y, Cr, Cb.

const SHIFT: i32 = 14;
const HALF: i32 = 1 << (SHIFT - 1);

/// RGB to YCrCb, all 0 to 255, chroma centred on 128.
pub fn rgb_to_ycrcb(rgb: [u8; 3]) -> [u8; 3] {
    let [r, g, b] = rgb.map(i32::from);
    let y = (4899 * r + 9617 * g + 1868 * b + HALF) >> SHIFT;
    let difference = |c: i32, factor: i32| byte(((c - y) * factor + (128 << SHIFT) + HALF) >> SHIFT);
    [byte(y), difference(r, 11682), difference(b, 9241)]
}

/// YCrCb to RGB, saturated to 0 to 255.
pub fn ycrcb_to_rgb(ycrcb: [u8; 3]) -> [u8; 3] {
    let [y, cr, cb] = ycrcb.map(i32::from);
    let (cr, cb) = (cr - 128, cb - 128);
    let r = y + ((22987 * cr + HALF) >> SHIFT);
    let g = y + ((-5636 * cb - 11698 * cr + HALF) >> SHIFT);
    let b = y + ((29049 * cb + HALF) >> SHIFT);
    [r, g, b].map(byte)
}

fn byte(value: i32) -> u8 {
    value.clamp(0, 255) as u8
}
