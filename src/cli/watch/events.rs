//! When is it time for another round? When something changed, and then nothing for a moment.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// What is heard while waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// Something happened to a file or folder.
    Changed(PathBuf),
    /// Something happened, and it is not known to what.
    Lost,
    /// Somebody wants an end.
    Stop,
}

/// Changes that came shortly one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Burst {
    pub(super) paths: BTreeSet<PathBuf>,
    /// Whether there were changes that are not named.
    pub(super) is_incomplete: bool,
}

/// How long a burst is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// It ends when nothing was heard for so long: an editor writes a file in several steps, a checkout many files.
    pub(super) quiet: Duration,
    /// It ends after so long, whatever is heard.
    pub(super) longest: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { quiet: Duration::from_millis(150), longest: Duration::from_secs(3) }
    }
}

/// Calls `round` with each burst, until there is an end of events or somebody wants one; what was heard before that is not
/// thrown away.
pub(super) fn each_burst(events: &Receiver<Event>, patience: Patience, mut round: impl FnMut(Burst)) {
    while let Ok(first) = events.recv() {
        let mut burst = Burst::default();
        let mut is_last = burst.take(first);
        let begun = Instant::now();
        while !is_last && begun.elapsed() < patience.longest {
            match events.recv_timeout(patience.quiet) {
                Ok(event) => is_last = burst.take(event),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => is_last = true,
            }
        }
        if burst != Burst::default() {
            round(burst);
        }
        if is_last {
            return;
        }
    }
}

impl Burst {
    /// Takes an event in; tells whether it is the last.
    fn take(&mut self, event: Event) -> bool {
        match event {
            Event::Changed(path) => _ = self.paths.insert(path),
            Event::Lost => self.is_incomplete = true,
            Event::Stop => return true,
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn changed(path: &str) -> Event {
        Event::Changed(PathBuf::from(path))
    }

    /// What is in the channel is heard at once; `patience` only says how long to wait for more.
    fn check(events: &[Event], quiet: Duration, longest: Duration, expect: &[&[&str]]) {
        let (send, heard) = channel();
        events.iter().for_each(|event| send.send(event.clone()).unwrap());
        drop(send);
        let mut bursts: Vec<Vec<String>> = Vec::new();
        each_burst(&heard, Patience { quiet, longest }, |burst| {
            let lost = burst.is_incomplete.then(|| "?".to_owned());
            bursts.push(burst.paths.iter().map(|path| path.display().to_string()).chain(lost).collect());
        });
        assert_eq!(bursts, expect);
    }

    #[test]
    fn what_comes_together_is_one_round() {
        let (hour, nothing) = (Duration::from_secs(3_600), Duration::ZERO);
        check(&[changed("b"), changed("a"), changed("b")], hour, hour, &[&["a", "b"]]);
        check(&[changed("a"), Event::Lost, changed("b")], hour, hour, &[&["a", "b", "?"]]);
        // No burst lasts for ever, however often something is heard.
        check(&[changed("a"), changed("b")], hour, nothing, &[&["a"], &["b"]]);
        check(&[], hour, hour, &[]);
    }

    #[test]
    fn the_end_is_the_end() {
        let hour = Duration::from_secs(3_600);
        check(&[Event::Stop, changed("a")], hour, hour, &[]);
        check(&[changed("a"), Event::Stop, changed("b")], hour, hour, &[&["a"]]);
    }
}
