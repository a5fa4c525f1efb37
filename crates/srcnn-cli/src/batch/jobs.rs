//! Files that are processed side by side.
//!
//! Small pictures are processed by one thread each: there is nothing to divide and nothing to wait for. More threads than the
//! CPU has are at work on them, since each waits for the disk at the end; where there are fewer pictures, or memory for fewer, they
//! are as others. All other pictures follow, one at a time on all
//! threads, with all of the memory. With a given number of jobs that many files are processed at a time, of any size, on
//! shared threads.

use std::collections::BTreeMap;
use std::num::NonZeroU8;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use srcnn::stage;

use super::each::share;
use crate::inputs::Inputs;
use crate::signals::stopped;
use crate::terminal::{FileProgress, Terminal};

/// Memory of a small picture, at most.
const SMALL_MEMORY: u64 = 64 << 20;
/// Threads at work on small pictures, for each of the CPU's.
const WAITING: usize = 2;

/// How a file is processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Job {
    /// With others at a time; only if it is small.
    Small {
        /// Files that are processed at a time.
        at_a_time: usize,
    },
    /// With others at a time, whatever its size.
    Any {
        /// Files that are processed at a time.
        at_a_time: usize,
    },
}

impl Job {
    /// Files that are processed at a time.
    pub(super) fn at_a_time(self) -> usize {
        match self {
            Self::Small { at_a_time } | Self::Any { at_a_time } => at_a_time,
        }
    }
}

/// Calls `work` for each file and returns the results in the order of the files; messages appear in that order, too. `work`
/// returns nothing for a file that is not small and must be. After Ctrl-C no further file is begun, and the results of those
/// are missing.
pub(super) fn in_parallel<T: Send>(
    inputs: &Inputs,
    jobs: Option<NonZeroU8>,
    memory: u64,
    terminal: &Terminal,
    work: impl Fn(usize, Job, &FileProgress, &Terminal) -> Option<T> + Sync,
) -> Vec<T> {
    let (files, threads) = (inputs.files.len(), rayon::current_num_threads());
    let bar = terminal.start_bar(files);
    let results = Mutex::new(BTreeMap::new());
    let lines = InOrder { terminal, waiting: Mutex::default() };
    let one = |i: usize, job: Job| {
        let messages = terminal.holding();
        let progress = share(&bar, i, inputs);
        let Some(result) = work(i, job, &progress, &messages) else {
            progress.forget();
            return false;
        };
        results.lock().unwrap_or_else(PoisonError::into_inner).insert(i, result);
        lines.done(i, messages);
        true
    };
    let side_by_side = |files: &[usize], job: Job| {
        let (next, left) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let context = stage::context();
        std::thread::scope(|scope| {
            for _ in 0..job.at_a_time().min(files.len()) {
                let context = context.clone();
                let work = || {
                    // Its own pool, of this thread alone; without one, the threads are shared.
                    let alone = matches!(job, Job::Small { .. });
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread();
                    let _pool = alone.then(|| pool.build());
                    while let Some(&i) = files.get(next.fetch_add(1, Ordering::Relaxed)).filter(|_| !stopped()) {
                        if !one(i, job) {
                            left.lock().unwrap_or_else(PoisonError::into_inner).push(i);
                        }
                    }
                };
                scope.spawn(move || stage::joining(context, work));
            }
        });
        let mut left = left.into_inner().unwrap_or_else(PoisonError::into_inner);
        left.sort_unstable();
        left
    };
    let all: Vec<usize> = (0..files).collect();
    let beside = (WAITING * threads).min((memory / SMALL_MEMORY) as usize).min(files);
    match jobs {
        Some(jobs) => drop(side_by_side(&all, Job::Any { at_a_time: jobs.get().into() })),
        None => {
            // Fewer would leave threads without work.
            let small = threads > 1 && beside >= WAITING * threads;
            let left = if small { side_by_side(&all, Job::Small { at_a_time: beside }) } else { all };
            drop(side_by_side(&left, Job::Any { at_a_time: 1 }));
        }
    }
    lines.rest();
    results.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

/// Messages of files, printed in the order of the files.
struct InOrder<'a> {
    terminal: &'a Terminal,
    /// The next file to print messages of, and those of later files.
    waiting: Mutex<(usize, BTreeMap<usize, Terminal>)>,
}

impl InOrder<'_> {
    fn done(&self, file: usize, messages: Terminal) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, later) = &mut *waiting;
        later.insert(file, messages);
        while let Some(messages) = later.remove(next) {
            self.terminal.release(messages);
            *next += 1;
        }
    }

    /// Prints the messages that wait for files that were not processed.
    fn rest(self) {
        let (_, later) = self.waiting.into_inner().unwrap_or_else(PoisonError::into_inner);
        later.into_values().for_each(|messages| self.terminal.release(messages));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(count: usize) -> Inputs {
        let files: Vec<std::path::PathBuf> = (0..count).map(|i| format!("{i}.png").into()).collect();
        Inputs { below: files.clone(), files, many: true, ..Inputs::default() }
    }

    #[test]
    fn results_come_in_order_and_what_is_large_is_processed_alone() {
        let (at_work, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = |i: usize, job: Job, _: &FileProgress, _: &Terminal| {
            let now = at_work.fetch_add(1, Ordering::SeqCst) + 1;
            std::thread::sleep(std::time::Duration::from_millis(2));
            if let Job::Any { at_a_time } = job {
                most.fetch_max(now, Ordering::SeqCst);
                assert_eq!(at_a_time, 1);
            }
            at_work.fetch_sub(1, Ordering::SeqCst);
            let is_small = !i.is_multiple_of(3);
            (is_small || matches!(job, Job::Any { .. })).then_some((i, matches!(job, Job::Small { .. })))
        };
        let terminal = Terminal::new(true, false);
        let results = in_parallel(&inputs(20), None, 1 << 30, &terminal, work);
        let threads = rayon::current_num_threads();
        assert_eq!(results, (0..20usize).map(|i| (i, threads > 1 && !i.is_multiple_of(3))).collect::<Vec<_>>());
        assert_eq!(most.into_inner(), 1);
    }

    #[test]
    fn with_little_memory_or_a_given_number_every_file_is_any() {
        let jobs = |jobs: Option<NonZeroU8>, memory| {
            in_parallel(&inputs(3), jobs, memory, &Terminal::new(true, false), |_, job, _, _| Some(job))
        };
        assert_eq!(jobs(None, SMALL_MEMORY), [Job::Any { at_a_time: 1 }; 3]);
        assert_eq!(jobs(NonZeroU8::new(2), 1 << 30), [Job::Any { at_a_time: 2 }; 3]);
    }
}
