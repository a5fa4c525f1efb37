//! Pipelines between files or bytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Seek};
use std::path::Path;

use super::error::{PipelineError, Side};
use super::notice::Observer;
use super::output::OutputOptions;
use super::picture::{OpenedPicture, Sizes};
use super::transform::Transform;
use crate::Limits;
use crate::codec::files::{Occupant, WholeFile};
use crate::codec::{FileError, FileErrorKind, FileFormat};

/// A pipeline from picture files to picture files.
#[derive(Clone, Copy)]
pub struct Pipeline<'t> {
    transform: &'t dyn Transform,
    options: OutputOptions,
    limits: Limits,
}

impl<'t> Pipeline<'t> {
    /// A pipeline around a transform, with the default options and limits.
    pub fn new(transform: &'t dyn Transform) -> Self {
        Self { transform, options: OutputOptions::default(), limits: Limits::default() }
    }

    /// Sets the options for outputs.
    pub fn with_options(self, options: OutputOptions) -> Self {
        Self { options, ..self }
    }

    /// Sets the limits for each picture.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Opens a picture that is to become a file of `format`; [`OpenedPicture::write`] processes it.
    ///
    /// # Errors
    /// [`PipelineError::Decode`] if the picture cannot be read, or exceeds the limits.
    pub fn open<'a>(
        &self,
        source: impl BufRead + Seek + Send + 'a,
        format: FileFormat,
        observer: &'a dyn Observer,
    ) -> Result<OpenedPicture<'a>, PipelineError>
    where
        't: 'a,
    {
        OpenedPicture::open(source, self.transform, self.options, format, self.limits, observer)
    }

    /// Processes a picture file in memory; returns the bytes of the output file.
    ///
    /// # Errors
    /// [`PipelineError`] if the picture cannot be read, processed or written, exceeds the limits, or the observer
    /// cancels.
    pub fn run_bytes(
        &self,
        bytes: &[u8],
        format: FileFormat,
        observer: &dyn Observer,
    ) -> Result<Vec<u8>, PipelineError> {
        let mut out = Cursor::new(Vec::new());
        self.open(Cursor::new(bytes), format, observer)?.write(&mut out)?;
        Ok(out.into_inner())
    }

    /// Processes a picture file; the extension of `output` names the format. The output appears whole or not at all; an
    /// existing file is replaced only if `replace`; a device or a pipe is written into.
    ///
    /// # Errors
    /// [`PipelineError`] if the picture cannot be read, processed or written, exceeds the limits, or the observer
    /// cancels.
    pub fn run_file(
        &self,
        input: impl AsRef<Path>,
        output: impl AsRef<Path>,
        replace: bool,
        observer: &dyn Observer,
    ) -> Result<Sizes, PipelineError> {
        let (input, output) = (input.as_ref(), output.as_ref());
        let file = |path: &Path, reason| PipelineError::File(FileError { path: path.to_owned(), reason });
        let io = |path| move |error: io::Error| file(path, error.into());
        let named = |source: PipelineError| {
            let path = match source.side() {
                Side::Input => input,
                Side::Output => output,
            };
            PipelineError::Named { path: path.to_owned(), source: Box::new(source) }
        };
        let format = FileFormat::of_path(output).ok_or_else(|| file(output, FileErrorKind::Extension))?;
        if !replace && !matches!(Occupant::of(output), Occupant::Nothing | Occupant::Stream) {
            return Err(io(output)(io::ErrorKind::AlreadyExists.into()));
        }
        let source = BufReader::new(File::open(input).map_err(io(input))?);
        let picture = self.open(source, format, observer).map_err(named)?;
        let mut whole = WholeFile::create(output).map_err(io(output))?;
        let sizes = picture.write(&mut whole).map_err(named)?;
        whole.commit(replace).map_err(io(output))?;
        Ok(sizes)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::codec::{EncodeOptions, encode};
    use crate::image::{Image, Pixels};
    use crate::pipeline::{Builtins, Degrading, Upscaling};
    use crate::progress::Silent;
    use crate::resample::{Convention, Edge};

    fn png(channels: usize) -> Vec<u8> {
        let samples = (0..24 * 18 * channels).map(|i| (i * 7) as u8).collect();
        let image = Image::from_u8(Pixels::new(24, 18, channels, samples).expect("filled")).expect("channels");
        encode(&image, FileFormat::Png, &EncodeOptions::default()).expect("it fits")
    }

    fn upscaling() -> Upscaling {
        Upscaling::new(Arc::new(Builtins::named("srcnn-915").expect("built in")))
    }

    #[test]
    fn bytes_and_files_give_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let (input, output) = (folder.path().join("a.png"), folder.path().join("b.tif"));
        std::fs::write(&input, png(3)).expect("room");
        let upscaling = upscaling();
        let pipeline = Pipeline::new(&upscaling);
        let sizes = pipeline.run_file(&input, &output, false, &Silent).expect("a picture");
        assert_eq!((sizes.from.to_string(), sizes.to.to_string()), ("24x18".to_owned(), "48x36".to_owned()));
        let bytes = pipeline.run_bytes(&png(3), FileFormat::Tiff, &Silent).expect("a picture");
        assert!(std::fs::read(&output).expect("written") == bytes);
        let error = pipeline.run_file(&input, &output, false, &Silent).expect_err("it exists").to_string();
        assert!(error.contains("b.tif"), "{error}");
    }

    #[test]
    fn errors_name_their_file_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let input = folder.path().join("a.png");
        std::fs::write(&input, png(4)).expect("room");
        let degrading = Degrading { factor: 2.0, convention: Convention::MatlabBicubic(Edge::Mirror), low_res: false };
        let upscaling = upscaling();
        let pipelines = [Pipeline::new(&degrading), Pipeline::new(&upscaling)];
        for pipeline in pipelines {
            let output = folder.path().join("b.jpg");
            let error = pipeline.run_file(&input, &output, false, &Silent).expect_err("transparent").to_string();
            assert_eq!(error.matches("transparent in places").count(), 1, "{error}");
            assert!(error.starts_with(&output.display().to_string()), "{error}");
            assert!(!output.exists());
        }
        std::fs::write(&input, &png(3)[..60]).expect("room");
        let output = folder.path().join("b.png");
        let error = pipelines[1].run_file(&input, output, false, &Silent).expect_err("cut short").to_string();
        assert!(error.starts_with(&input.display().to_string()), "{error}");
    }
}
