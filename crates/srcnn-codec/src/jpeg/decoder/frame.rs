//! The frame: size, components and how they are sampled (ITU-T T.81, B.2.2 and A.1.1).

use super::error::JpegError;

/// Samples along each side of a block.
pub(super) const BLOCK: usize = 8;

/// A component of the picture.
#[derive(Clone, Debug)]
pub(super) struct Component {
    pub(super) id: u8,
    /// Horizontal and vertical sampling factor: blocks in an MCU of an interleaved scan.
    pub(super) across: usize,
    pub(super) down: usize,
    /// The place of the quantisation table.
    pub(super) steps: usize,
    /// Samples.
    pub(super) width: usize,
    pub(super) height: usize,
    /// Blocks that have samples of the picture.
    pub(super) blocks_across: usize,
    pub(super) blocks_down: usize,
}

/// A frame of one component, three or four.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) progressive: bool,
    /// Pixels.
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) components: Vec<Component>,
    /// The largest sampling factors.
    pub(super) across: usize,
    pub(super) down: usize,
    /// MCUs, if all components are interleaved.
    pub(super) mcus_across: usize,
    pub(super) mcus_down: usize,
}

impl Frame {
    /// The frame that a segment describes; none if it is of a kind that is not read here.
    pub(super) fn new(data: &[u8], progressive: bool) -> Result<Option<Self>, JpegError> {
        const SHORT: JpegError = JpegError::Corrupt("a frame of a wrong length");
        let (&[bits, h1, h0, w1, w0, number], specified) = data.split_first_chunk().ok_or(SHORT)?;
        let [width, height] = [[w1, w0], [h1, h0]].map(|size| usize::from(u16::from_be_bytes(size)));
        if bits != 8 || height == 0 || !matches!(number, 1 | 3 | 4) {
            return Ok(None);
        }
        if specified.len() != 3 * usize::from(number) {
            return Err(SHORT);
        }
        if width == 0 {
            return Err(JpegError::Corrupt("a picture without columns"));
        }
        let factors = |of: &[u8; 3]| match (usize::from(of[1] >> 4), usize::from(of[1] & 15)) {
            // A component that is alone is not interleaved: its factors mean nothing (A.2.2).
            (1..=4, 1..=4) if number == 1 => Ok((1, 1)),
            (across @ 1..=4, down @ 1..=4) => Ok((across, down)),
            _ => Err(JpegError::Corrupt("a wrong sampling factor")),
        };
        let specified = specified.as_chunks::<3>().0;
        let (mut across, mut down) = (1, 1);
        for of in specified {
            let (x, y) = factors(of)?;
            (across, down) = (across.max(x), down.max(y));
        }
        let mut components = Vec::with_capacity(specified.len());
        for of in specified {
            let (x, y) = factors(of)?;
            if across % x != 0 || down % y != 0 {
                return Ok(None);
            }
            let (w, h) = ((width * x).div_ceil(across), (height * y).div_ceil(down));
            components.push(Component {
                id: of[0],
                across: x,
                down: y,
                steps: usize::from(of[2]),
                width: w,
                height: h,
                blocks_across: w.div_ceil(BLOCK),
                blocks_down: h.div_ceil(BLOCK),
            });
        }
        let (mcus_across, mcus_down) = (width.div_ceil(BLOCK * across), height.div_ceil(BLOCK * down));
        Ok(Some(Self { progressive, width, height, components, across, down, mcus_across, mcus_down }))
    }

    /// Blocks that have samples of the picture.
    pub(super) fn blocks(&self) -> u64 {
        self.components.iter().map(|c| c.blocks_across as u64 * c.blocks_down as u64).sum()
    }

    /// Blocks of a row of MCUs that belong to a component: along a row of them, and rows.
    pub(super) fn blocks_of_row(&self, component: &Component) -> (usize, usize) {
        (self.mcus_across * component.across, component.down)
    }
}
