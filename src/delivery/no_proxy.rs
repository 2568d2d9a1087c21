//! The hosts that `no_proxy` excepts, as curl reads it: the server's own client does so too.

use std::net::IpAddr;

use crate::environment::Environment;

/// Whether the environment excepts this host of a URL from any proxy.
pub fn excepts(environment: &Environment, host: &str) -> bool {
    let list = environment.get("no_proxy").or_else(|| environment.get("NO_PROXY"));
    list.is_some_and(|list| names(list, host))
}

/// Whether the list names this host of a URL. Entries are separated by commas, spaces or both. A name
/// stands for itself and all names below it, with or without a dot before it; an address stands for
/// itself, and with `/bits` for its network; `*` alone stands for every host. An entry with a port,
/// or with a `*` in it, names nobody.
fn names(list: &str, host: &str) -> bool {
    if list.trim() == "*" {
        return true;
    }
    let address = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
    let entries = list.split([',', ' ', '\t']).filter(|entry| !entry.is_empty());
    entries.into_iter().any(|entry| match address {
        Some(address) => is_in_network(address, entry).unwrap_or(false),
        None => is_at_or_below(host, entry),
    })
}

fn is_at_or_below(host: &str, entry: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let entry = entry.strip_suffix('.').unwrap_or(entry);
    let entry = entry.strip_prefix('.').unwrap_or(entry).to_ascii_lowercase();
    let above = host.strip_suffix(&entry).filter(|_| !entry.is_empty());
    above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

/// Nothing if the entry is neither an address nor a network.
fn is_in_network(address: IpAddr, entry: &str) -> Option<bool> {
    let (network, bits) = match entry.split_once('/') {
        Some((network, bits)) => (network, Some(bits.parse::<u32>().ok()?)),
        None => (entry, None),
    };
    // The leading bits of both, at the upper end of 128.
    let (address, network, width) = match (address, network.parse().ok()?) {
        (IpAddr::V4(a), IpAddr::V4(n)) => {
            (u128::from(a.to_bits()) << 96, u128::from(n.to_bits()) << 96, 32)
        }
        (IpAddr::V6(a), IpAddr::V6(n)) => (a.to_bits(), n.to_bits(), 128),
        _ => return None,
    };
    let bits = bits.unwrap_or(width);
    let differs_in = (address ^ network).leading_zeros();
    Some(bits <= width && differs_in >= bits)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_name_stands_for_itself_and_those_below_it() {
        for list in [
            "example.com",
            ".example.com",
            "example.com.",
            "EXAMPLE.com",
            "x,example.com",
            "x example.com",
            " x ,\texample.com ,",
            "*",
            " * ",
        ] {
            for host in ["example.com", "a.example.com", "Example.COM", "example.com."] {
                assert!(names(list, host), "{list:?} {host}");
            }
        }
        assert!(names("localhost", "localhost"));
        for (list, host) in [
            ("", "example.com"),
            (" , ", "example.com"),
            (".", "example.com"),
            ("example.com", "nonexample.com"),
            ("a.example.com", "example.com"),
            ("example.com:443", "example.com"),
            ("*.example.com", "a.example.com"),
            ("x,*", "example.com"),
            ("192.0.2.0/24", "example.com"),
            ("com/8", "example.com"),
        ] {
            assert!(!names(list, host), "{list:?} {host}");
        }
    }

    #[test]
    fn an_address_stands_for_itself_or_its_network() {
        for (list, host) in [
            ("192.0.2.7", "192.0.2.7"),
            ("10.0.0.1 192.0.2.0/24", "192.0.2.7"),
            ("192.0.2.6/31", "192.0.2.7"),
            ("0.0.0.0/0", "192.0.2.7"),
            ("2001:db8::1", "[2001:db8::1]"),
            ("2001:DB8::/32", "[2001:db8:7::1]"),
            ("*", "[::1]"),
        ] {
            assert!(names(list, host), "{list:?} {host}");
        }
        for (list, host) in [
            ("192.0.2.7", "192.0.2.8"),
            ("192.0.2.6/31", "192.0.2.8"),
            ("192.0.2.7/33", "192.0.2.7"),
            ("192.0.2.7/", "192.0.2.7"),
            ("192.0.2.7/x", "192.0.2.7"),
            ("192.0.2.7:443", "192.0.2.7"),
            ("2.7", "192.0.2.7"),
            ("::/0", "192.0.2.7"),
            ("0.0.0.0/0", "[::1]"),
            ("[::1]", "[::1]"),
        ] {
            assert!(!names(list, host), "{list:?} {host}");
        }
    }
}
