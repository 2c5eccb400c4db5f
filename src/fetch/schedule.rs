//! Who is fetched from when? Many at once, few from one host, and nobody waits long for those that are slow.
//!
//! A fetch that takes longer than a moment is slow: it goes on, but makes room for another one. So fifty hosts that
//! never answer hold up a healthy one for a few moments instead of minutes. One that may work later waits its turn again.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::limits::Limits;

/// What came of a try.
pub(super) enum Step<T> {
    Done(T),
    /// It may work after so long.
    Again(Duration),
}

/// Something that waits for its turn.
struct Waiting {
    job: usize,
    tries: u32,
    not_before: Option<Instant>,
}

struct Running {
    job: usize,
    tries: u32,
    since: Instant,
}

struct Schedule<'a> {
    limits: &'a Limits,
    hosts: &'a [String],
    waiting: VecDeque<Waiting>,
    running: Vec<Running>,
}

/// Runs `work(job, tries)` for every job, `hosts[job]` being whom it troubles, and returns the outcomes in order.
///
/// `progress` is told how many are done.
pub(super) fn run<T: Send>(
    hosts: &[String],
    limits: &Limits,
    work: impl Fn(usize, u32) -> Step<T> + Sync,
    progress: &mut dyn FnMut(usize),
) -> Vec<T> {
    let waiting = (0..hosts.len()).map(|job| Waiting { job, tries: 0, not_before: None }).collect();
    let mut schedule = Schedule { limits, hosts, waiting, running: Vec::new() };
    let mut done: Vec<Option<T>> = hosts.iter().map(|_| None).collect();
    let mut count = 0;
    let (sender, receiver) = channel();
    std::thread::scope(|scope| {
        while !schedule.is_over() {
            while let Some(next) = schedule.start(Instant::now()) {
                let (sender, work) = (sender.clone(), &work);
                let (job, tries) = next;
                scope.spawn(move || {
                    let step = catch_unwind(AssertUnwindSafe(|| work(job, tries)));
                    // The receiver is there until all have answered, or one has panicked.
                    let _ = sender.send((job, step));
                });
            }
            match receiver.recv_timeout(schedule.patience(Instant::now())) {
                Ok((job, Ok(step))) => {
                    let tries = schedule.end(job);
                    match step {
                        Step::Done(outcome) => {
                            done[job] = Some(outcome);
                            count += 1;
                        }
                        Step::Again(wait) => schedule.again(job, tries + 1, Instant::now() + wait),
                    }
                    progress(count);
                }
                Ok((_, Err(panic))) => resume_unwind(panic),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
        }
    });
    done.into_iter().flatten().collect()
}

impl Schedule<'_> {
    fn is_over(&self) -> bool {
        self.waiting.is_empty() && self.running.is_empty()
    }

    /// Takes the first job that may begin.
    fn start(&mut self, now: Instant) -> Option<(usize, u32)> {
        let quick = self.running.iter().filter(|running| now - running.since < self.limits.slow_after).count();
        if quick >= self.limits.at_once.max(1) || self.running.len() >= self.limits.with_slow.max(1) {
            return None;
        }
        let may_begin = |waiting: &Waiting| {
            let host = &self.hosts[waiting.job];
            let of_host = self.running.iter().filter(|running| self.hosts[running.job] == *host).count();
            of_host < self.limits.per_host.max(1) && waiting.not_before.is_none_or(|time| time <= now)
        };
        let at = self.waiting.iter().position(may_begin)?;
        let Waiting { job, tries, .. } = self.waiting.remove(at)?;
        self.running.push(Running { job, tries, since: now });
        Some((job, tries))
    }

    /// Takes note that a job has ended, and returns how often it was tried before.
    fn end(&mut self, job: usize) -> u32 {
        let at = self.running.iter().position(|running| running.job == job);
        at.map_or(0, |at| self.running.swap_remove(at).tries)
    }

    fn again(&mut self, job: usize, tries: u32, not_before: Instant) {
        self.waiting.push_back(Waiting { job, tries, not_before: Some(not_before) });
    }

    /// Returns after how long another job may begin though none has ended.
    fn patience(&self, now: Instant) -> Duration {
        let turns_slow = self.running.iter().map(|running| running.since + self.limits.slow_after);
        let may_again = self.waiting.iter().filter_map(|waiting| waiting.not_before);
        let next = turns_slow.chain(may_again).filter(|time| *time > now).min();
        next.map_or(Duration::from_secs(1), |time| time - now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Barrier, Mutex};

    fn hosts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn outcomes_come_in_order_after_as_many_tries_as_it_takes() {
        let tried = Mutex::new(Vec::new());
        let work = |job: usize, tries: u32| {
            tried.lock().unwrap().push((job, tries));
            if job == 1 && tries < 2 { Step::Again(Duration::from_millis(1)) } else { Step::Done(job * 10) }
        };
        let mut progress = Vec::new();
        let limits = Limits { at_once: 1, ..Limits::default() };
        let done = run(&hosts(&["a", "b", "c"]), &limits, work, &mut |done| progress.push(done));
        assert_eq!(done, [0, 10, 20]);
        // Of five tries three are the last of their job.
        assert_eq!(progress.len(), 5);
        assert_eq!((progress.last(), progress.is_sorted()), (Some(&3), true));
        let mut tried = tried.into_inner().unwrap();
        tried.sort_unstable();
        assert_eq!(tried, [(0, 0), (1, 0), (1, 1), (1, 2), (2, 0)]);
    }

    #[test]
    fn no_host_is_troubled_too_often_at_once() {
        let running = Mutex::new((0, 0));
        let work = |_: usize, _: u32| {
            {
                let mut running = running.lock().unwrap();
                running.0 += 1;
                running.1 = running.1.max(running.0);
            }
            std::thread::yield_now();
            running.lock().unwrap().0 -= 1;
            Step::Done(())
        };
        run(&hosts(&["a"; 40]), &Limits::default(), work, &mut |_| ());
        assert!(running.into_inner().unwrap().1 <= 2);
    }

    /// Each waits for all the others: were slow ones to keep their places, none would ever end.
    #[test]
    fn the_slow_make_room() {
        let names: Vec<String> = (0..24).map(|n| format!("host{n}")).collect();
        let all = Barrier::new(24);
        let limits = Limits { slow_after: Duration::from_millis(5), ..Limits::default() };
        let work = |job: usize, _: u32| {
            all.wait();
            Step::Done(job)
        };
        assert_eq!(run(&names, &limits, work, &mut |_| ()).len(), 24);
    }
}
