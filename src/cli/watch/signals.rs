//! Who ends it? Ctrl-C, and whoever asks the process to end.

use std::sync::mpsc::Sender;

use super::events::Event;

/// Makes Ctrl-C and a request to end an event, so that a round that runs is finished first. The second one ends the process
/// at once.
#[cfg(unix)]
pub(super) fn forward(events: Sender<Event>) -> std::io::Result<()> {
    use std::io::Read;
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::{flag, low_level::pipe};

    let (mut heard, told) = UnixStream::pair()?;
    let is_second = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_default(signal, Arc::clone(&is_second))?;
        flag::register(signal, Arc::clone(&is_second))?;
        pipe::register(signal, told.try_clone()?)?;
    }
    std::thread::spawn(move || {
        // A message may be empty: that something came is all that is to know.
        if heard.read(&mut [0]).is_ok() {
            // Nobody listens where the end has come already.
            let _ = events.send(Event::Stop);
        }
    });
    Ok(())
}

/// Elsewhere Ctrl-C ends the process, as it ends any: what is in the store is whole all the same.
#[cfg(not(unix))]
pub(super) fn forward(_: Sender<Event>) -> std::io::Result<()> {
    Ok(())
}
