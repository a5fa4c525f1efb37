//! Reports progress, and gives up after a time: `cargo run --release --example progress_and_cancelling`.

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use srcnn::engine::EngineError;
use srcnn::image::{Pixels, Samples};
use srcnn::progress::Progress;
use srcnn::rows::{Held, collect};
use srcnn::upscale::{Target, UpscaleError};
use srcnn::{Image, Limits, Model, Upscaler};

/// Counts pixels, and is cancelled at a time.
struct Deadline {
    done: AtomicU64,
    all: u64,
    end: Instant,
}

impl Progress for Deadline {
    fn advance(&self, pixels: u64) {
        let done = self.done.fetch_add(pixels, Ordering::Relaxed) + pixels;
        println!("{} %", 100 * done / self.all);
    }

    fn cancelled(&self) -> bool {
        Instant::now() > self.end
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let picture = Image::new(Samples::U8(Pixels::new(640, 480, 1, (0..640 * 480).map(|i| i as u8).collect())?))?;
    let model = Model::builtin("srcnn-955", 3)?;
    let upscaler = Upscaler::builder(&model).target(Target::Factor(3.0)).build()?;
    for seconds in [60, 0] {
        let deadline = Deadline {
            done: AtomicU64::new(0),
            all: upscaler.work(picture.size()),
            end: Instant::now() + Duration::from_secs(seconds),
        };
        // The result comes in rows: what writes it may take them as they are computed.
        let rows = upscaler.rows(Held::from(&picture), Limits::default(), &deadline)?;
        match collect(rows).map_err(|error| error.downcast::<UpscaleError>()) {
            Ok(large) => println!("{seconds} s: {}", large.size()),
            Err(Ok(error)) if matches!(*error, UpscaleError::Engine(EngineError::Cancelled)) => {
                println!("{seconds} s: cancelled");
            }
            Err(Ok(error)) => return Err(error),
            Err(Err(error)) => return Err(error),
        }
    }
    Ok(())
}
