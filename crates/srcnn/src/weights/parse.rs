//! From bytes to a [`WeightFile`]: the format is told by the first bytes and its reader called.

use super::archive::Archive;
use super::error::WeightError;
use super::format::Format;
use super::weight_file::WeightFile;
use super::{keras, matlab, ncnn, onnx, pytorch, safetensors};

/// Why a container of a known format is not read.
#[derive(Debug, thiserror::Error)]
enum ContainerError {
    #[error("this is the description of the layers; their weights are in the .bin beside it")]
    ParamAlone,
    #[error("it is neither by torch.save nor by Keras 3")]
    UnknownArchive,
}

impl WeightFile {
    /// Reads weights from bytes. The format is told by content.
    ///
    /// # Errors
    /// [`WeightError`] for anything but a whole file of a known format that holds one chain of convolutions with finite
    /// weights.
    pub fn parse(bytes: &[u8]) -> Result<Self, WeightError> {
        Self::parse_with(bytes, None, None)
    }

    /// As [`WeightFile::parse`], for a file that holds several networks: reads that named `part`, as
    /// [`WeightError::SeveralNetworks`] names them. It is a prefix of the tensors' names, such as `ema_model`, the name of
    /// a table in a checkpoint, `.` for the tensors beside such prefixes, or `all` for all tensors as one network.
    ///
    /// # Errors
    /// As [`WeightFile::parse`]; [`WeightError::NoPart`] if there is no such network.
    pub fn parse_part(bytes: &[u8], part: &str) -> Result<Self, WeightError> {
        Self::parse_with(bytes, Some(part), None)
    }

    /// Reads bytes: the only network, or that named `part`. `beside` reads files in the folder of the file that they are of.
    pub(super) fn parse_with(
        bytes: &[u8],
        part: Option<&str>,
        beside: Option<&onnx::Beside<'_>>,
    ) -> Result<Self, WeightError> {
        let file = if keras::begins(bytes) {
            keras::read(bytes, part)?
        } else if matlab::begins(bytes) {
            match part {
                Some(part) => return Err(WeightError::no_part(Format::Matlab, part)),
                None => matlab::read(bytes)?,
            }
        } else if Archive::begins(bytes) {
            read_archive(bytes, part)?
        } else if safetensors::begins(bytes) {
            // Before the formats with shorter signatures: a safetensors file begins with a length, which may be any bytes.
            safetensors::read(bytes, part)?
        } else if pytorch::begins_as_pickle(bytes) {
            pytorch::read_pickles(bytes, part)?
        } else if onnx::begins(bytes) {
            onnx::read(bytes, part, beside)?
        } else if ncnn::begins(bytes) {
            return Err(WeightError::no_network(Format::Ncnn)(ContainerError::ParamAlone));
        } else {
            return Err(WeightError::UnknownFormat);
        };
        file.checked()
    }

    /// Reads ncnn's pair of files: the layers as text, and their weights.
    ///
    /// # Errors
    /// As [`WeightFile::parse`].
    pub fn parse_ncnn(param: &[u8], bin: &[u8]) -> Result<Self, WeightError> {
        ncnn::read(param, bin)?.checked()
    }
}

/// Reads an archive by PyTorch or by Keras 3.
fn read_archive(bytes: &[u8], part: Option<&str>) -> Result<WeightFile, WeightError> {
    let archive = Archive::open(bytes).map_err(WeightError::damaged(Format::Archive))?;
    match pytorch::folder(&archive) {
        Some(folder) => pytorch::read_archive(bytes, &archive, folder, part),
        None if keras::is_archive(&archive) => keras::read_archive(bytes, &archive, part),
        None => Err(WeightError::no_network(Format::Archive)(ContainerError::UnknownArchive)),
    }
}
