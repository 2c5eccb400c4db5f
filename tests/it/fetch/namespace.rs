//! Are addresses left alone that truly answer? In a network of its own this machine has them all.

use std::process::Command;

use nextread::fetch::{Allowed, FetchError};

use super::server::{Desk, Server, reply};

/// Set for the run inside of the namespace.
const INSIDE: &str = "TEST_INSIDE_NAMESPACE";
const ADDRESSES: [&str; 6] = ["169.254.169.254", "10.0.0.1", "192.168.1.1", "100.64.0.1", "203.0.113.7", "fd00::1"];

#[test]
fn addresses_that_are_not_public_are_not_connected_to() {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    let name = "fetch::namespace::addresses_that_are_not_public_are_not_connected_to";
    let done = if Command::new("unshare").args(["-rn", "ip", "link"]).output().is_ok_and(|done| done.status.success()) {
        Command::new("unshare")
            .arg("-rn")
            .arg(std::env::current_exe().unwrap())
            .args([name, "--exact"])
            .env(INSIDE, "1")
            .output()
            .unwrap()
    } else {
        println!("skipped: a network of its own cannot be made here (unshare -rn ip link)");
        return;
    };
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&done.stderr));
}

fn ip(arguments: &str) {
    let done = Command::new("ip").args(arguments.split(' ')).status().unwrap();
    assert!(done.success(), "ip {arguments}");
}

fn inside() {
    ip("link set lo up");
    for address in ADDRESSES {
        let bits = if address.contains(':') { "128" } else { "32" };
        let nodad = if address.contains(':') { " nodad" } else { "" };
        ip(&format!("addr add {address}/{bits} dev lo{nodad}"));
    }
    for address in ADDRESSES {
        let host = if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
        let canary =
            Server::start_at(format!("{host}:80").parse().unwrap(), |_, stream| reply(stream, "200 OK", "", b"words"));
        let mut desk = Desk::new(&[]);
        let url = format!("http://{host}/latest/meta-data/");
        let outcome = desk.get(&url);
        assert!(matches!(outcome, Err(FetchError::Refused { .. })), "{url}: {outcome:?}");
        assert_eq!(canary.asked().len(), 0, "{url}");
        desk.guard.allowed = vec![Allowed::parse(&host).unwrap()];
        assert_eq!(desk.get(&url).unwrap().1, b"words");
        assert_eq!(canary.asked().len(), 1, "{url}");
    }
}
