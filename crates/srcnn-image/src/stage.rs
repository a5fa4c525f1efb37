//! Where time goes: the stages of processing a picture, and a meter of their wall and processor time.
//!
//! A thread that works for a [`Meter`] attributes its time to the innermost stage that [`measured`] names. Work that is shared
//! among threads ([`parallel`](crate::parallel)) counts with the stage that shares it. Without a meter nothing is measured.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A stage of processing a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Reading and decoding the file.
    Decode,
    /// Samples to planes in floating point, conversion to luma and chroma, inspection.
    Planes,
    /// Interpolation.
    Resampling,
    /// The network.
    Network,
    /// Conversion back to RGB, rounding, samples of pixels.
    Back,
    /// Encoding.
    Encode,
    /// Writing the file.
    Write,
}

impl Stage {
    /// All stages, in the order of processing.
    pub const ALL: [Self; 7] =
        [Self::Decode, Self::Planes, Self::Resampling, Self::Network, Self::Back, Self::Encode, Self::Write];

    /// Name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Planes => "planes",
            Self::Resampling => "resampling",
            Self::Network => "network",
            Self::Back => "back",
            Self::Encode => "encode",
            Self::Write => "write",
        }
    }
}

/// Time spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Wall time of the thread that leads the stage, in which others may have helped. Stages that go on at once sum up to more
    /// than passes.
    pub wall: Duration,
    /// Processor time of all threads; zero where the system does not tell (it does on Unix).
    pub processor: Duration,
}

/// Sums of the time that each stage took. Threads add to it.
#[derive(Debug, Default)]
pub struct Meter {
    /// Nanoseconds, wall and processor.
    stages: [[AtomicU64; 2]; Stage::ALL.len()],
}

impl Meter {
    /// The time of a stage so far.
    pub fn spent(&self, stage: Stage) -> Spent {
        let [wall, processor] =
            self.stages[stage as usize].each_ref().map(|sum| Duration::from_nanos(sum.load(Ordering::Relaxed)));
        Spent { wall, processor }
    }

    fn add(&self, stage: Stage, Spent { wall, processor }: Spent) {
        for (sum, time) in self.stages[stage as usize].iter().zip([wall, processor]) {
            sum.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
        }
    }
}

/// What a thread does, to be handed to threads that help it.
#[derive(Clone, Debug)]
pub struct Context {
    meter: Arc<Meter>,
    stage: Option<Stage>,
}

/// What this thread does, and since when.
struct Running {
    context: Context,
    /// Whether the thread helps another, whose wall time counts.
    helps: bool,
    wall: Instant,
    processor: Duration,
}

impl Running {
    fn new(context: Context, helps: bool) -> Self {
        Self { context, helps, wall: Instant::now(), processor: thread_time() }
    }

    /// Adds the time since the beginning to the stage.
    fn settle(&self) {
        let Some(stage) = self.context.stage else { return };
        let wall = if self.helps { Duration::ZERO } else { self.wall.elapsed() };
        self.context.meter.add(stage, Spent { wall, processor: thread_time().saturating_sub(self.processor) });
    }
}

thread_local! {
    static RUNNING: RefCell<Option<Running>> = const { RefCell::new(None) };
}

/// Runs `f`, whose stages are added to `meter`.
pub fn metered<R>(meter: &Arc<Meter>, f: impl FnOnce() -> R) -> R {
    within(Some(Context { meter: Arc::clone(meter), stage: None }), false, f)
}

/// Runs `f` as a stage, if this thread works for a meter.
pub fn measured<R>(stage: Stage, f: impl FnOnce() -> R) -> R {
    switched(Some(stage), f)
}

/// Runs `f`, which waits for other stages, outside of the stage that waits.
pub fn waiting<R>(f: impl FnOnce() -> R) -> R {
    switched(None, f)
}

fn switched<R>(stage: Option<Stage>, f: impl FnOnce() -> R) -> R {
    let running = RUNNING.with_borrow(|running| running.as_ref().map(|r| (Arc::clone(&r.context.meter), r.helps)));
    match running {
        Some((meter, helps)) => within(Some(Context { meter, stage }), helps, f),
        None => f(),
    }
}

/// What this thread does; none without a meter.
pub fn context() -> Option<Context> {
    RUNNING.with_borrow(|running| running.as_ref().map(|running| running.context.clone()))
}

/// Runs `f` as a part of what another thread does, which waits for it.
pub fn helping<R>(context: &Option<Context>, f: impl FnOnce() -> R) -> R {
    let Some(context) = context else { return f() };
    // A thread may take its own work, which counts already.
    let is_own = |running: &Running| {
        Arc::ptr_eq(&running.context.meter, &context.meter) && running.context.stage == context.stage
    };
    if RUNNING.with_borrow(|running| running.as_ref().is_some_and(is_own)) {
        return f();
    }
    within(Some(context.clone()), true, f)
}

/// Runs `f` in a thread of its own that works for the meter of another thread.
pub fn joining<R>(context: Option<Context>, f: impl FnOnce() -> R) -> R {
    match context {
        Some(context) => within(Some(Context { stage: None, ..context }), false, f),
        None => f(),
    }
}

fn within<R>(context: Option<Context>, helps: bool, f: impl FnOnce() -> R) -> R {
    /// Goes back to what the thread did before, also when `f` panics.
    struct Back(Option<Running>);
    impl Drop for Back {
        fn drop(&mut self) {
            let before = self.0.take().map(|before| Running::new(before.context, before.helps));
            if let Some(done) = RUNNING.with_borrow_mut(|running| std::mem::replace(running, before)) {
                done.settle();
            }
        }
    }
    let new = context.map(|context| Running::new(context, helps));
    let before = RUNNING.with_borrow_mut(|running| std::mem::replace(running, new));
    before.iter().for_each(Running::settle);
    let _back = Back(before);
    f()
}

/// Processor time of this thread.
fn thread_time() -> Duration {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }
    #[cfg(not(unix))]
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(time: Duration) {
        let start = Instant::now();
        while start.elapsed() < time {
            std::hint::black_box(0);
        }
    }

    #[test]
    fn time_goes_to_the_innermost_stage_and_waiting_to_none() {
        const STEP: Duration = Duration::from_millis(5);
        let meter = Arc::default();
        busy(STEP);
        metered(&meter, || {
            busy(STEP);
            measured(Stage::Encode, || {
                busy(STEP);
                measured(Stage::Network, || busy(2 * STEP));
                waiting(|| busy(3 * STEP));
                busy(STEP);
            });
        });
        measured(Stage::Encode, || busy(STEP));
        // At least what was spent; how much more, the system decides.
        assert!(meter.spent(Stage::Encode).wall >= 2 * STEP);
        assert!(meter.spent(Stage::Network).wall >= 2 * STEP);
        let others = [Stage::Decode, Stage::Planes, Stage::Resampling, Stage::Back, Stage::Write];
        assert!(others.into_iter().all(|stage| meter.spent(stage) == Spent::default()));
        assert_eq!(Stage::ALL.map(|stage| stage as usize), [0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn help_counts_as_processor_time_of_the_stage_that_is_helped() {
        let meter = Arc::default();
        let items = metered(&meter, || {
            measured(Stage::Back, || {
                crate::parallel::map(0..64, |i| {
                    busy(Duration::from_micros(200));
                    context().map(|context| (i, context.stage))
                })
            })
        });
        assert_eq!(items, (0..64).map(|i| Some((i, Some(Stage::Back)))).collect::<Vec<_>>());
        assert!(context().is_none() && meter.spent(Stage::Back).wall > Duration::ZERO);
        let helped = Context { meter: Arc::clone(&meter), stage: Some(Stage::Write) };
        std::thread::scope(|scope| {
            scope.spawn(|| helping(&Some(helped.clone()), || busy(Duration::from_millis(5))));
        });
        assert_eq!(meter.spent(Stage::Write).wall, Duration::ZERO);
        #[cfg(unix)]
        assert!(meter.spent(Stage::Write).processor > Duration::ZERO);
    }
}
