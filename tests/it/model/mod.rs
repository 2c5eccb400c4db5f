//! Which model, from where? A tiny model in scratch folders, a hub on the loopback, a pip of four lines.

mod fetching;
mod resolution;
mod stand_in;
