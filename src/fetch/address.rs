//! Is an address one of the public internet? A table of its own: the standard library's is not stable yet.
//!
//! After the special-purpose registries for IPv4 and IPv6 addresses (RFC 6890 and what came later). What carries another address inside
//! of itself (mapped, 6to4, Teredo, NAT64) is refused whole, whatever it carries.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// First address and length of the prefix.
type Range4 = ([u8; 4], u32);
type Range6 = ([u16; 8], u32);

/// Everything of IPv4 that no public server has.
const CLOSED_4: [Range4; 15] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// What public servers of IPv6 have; all else (loopback, mapped, NAT64, local, link-local, multicast) is outside of it.
const OPEN_6: Range6 = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// What of that is not public all the same: protocol assignments with Teredo and ORCHID, documentation, 6to4.
const CLOSED_6: [Range6; 4] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// Tells whether an address is one of the public internet.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !CLOSED_4.iter().any(|range| holds_4(range, address)),
        IpAddr::V6(address) => holds_6(&OPEN_6, address) && !CLOSED_6.iter().any(|range| holds_6(range, address)),
    }
}

fn holds_4((first, bits): &Range4, address: Ipv4Addr) -> bool {
    (Ipv4Addr::from(*first).to_bits() ^ address.to_bits()) >> (32 - bits) == 0
}

fn holds_6((first, bits): &Range6, address: Ipv6Addr) -> bool {
    (Ipv6Addr::from(*first).to_bits() ^ address.to_bits()) >> (128 - bits) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(addresses: &str, expect: bool) {
        for address in addresses.split_whitespace() {
            assert_eq!(is_public(address.parse().unwrap()), expect, "{address}");
        }
    }

    #[test]
    fn the_ranges_end_where_they_should() {
        check("1.0.0.0 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0", true);
        check("169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.167.255.255", true);
        check("192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255 8.8.8.8 2606:4700::1 2a00::1", true);
        check("0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1", false);
        check("127.255.255.255 169.254.0.0 169.254.169.254 172.16.0.0 172.31.255.255 192.0.0.1 192.0.2.9", false);
        check("192.88.99.1 192.168.0.0 192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.7 203.0.113.7", false);
        check("224.0.0.1 239.255.255.255 240.0.0.0 255.255.255.255", false);
        check(":: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1 64:ff9b::808:808 100::1", false);
        check("2001::1 2001:1ff:ffff::1 2001:db8::1 2002:7f00:1::1 3fff::1 fc00::1 fd00::1 fe80::1 ff02::1", false);
        check("4000::1 5f00::1 1fff::1", false);
        check("2000::1 2001:200::1 2001:db9::1 2003::1 3fff:1000::1 3ffe::1", true);
    }
}
