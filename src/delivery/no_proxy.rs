//! `no_proxy`, the hosts that are reached without a proxy, as curl reads it. Spaces alone separate too, as
//! they did for curl before 8.9.0.

use std::net::IpAddr;

use crate::environment::Environment;

/// Whether the environment says that this host of a URL is reached without a proxy.
pub fn is_exempt(environment: &Environment, host: &str) -> bool {
    let list = environment.first_of(["no_proxy", "NO_PROXY"]);
    list.is_some_and(|list| matches(list, host))
}

/// Whether the list matches this host of a URL. Entries are separated by commas, spaces or both. A name
/// matches itself and all its subdomains, with or without a dot before it; an address matches itself,
/// and with `/bits` its network; `*` alone matches every host. An entry with a port, or with a `*` in
/// it, matches nothing.
fn matches(list: &str, host: &str) -> bool {
    if list.trim() == "*" {
        return true;
    }
    let address = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
    let entries = list.split([',', ' ', '\t']).filter(|entry| !entry.is_empty());
    entries.into_iter().any(|entry| match address {
        Some(address) => is_in_network(address, entry).unwrap_or(false),
        None => is_domain_or_subdomain(host, entry),
    })
}

fn is_domain_or_subdomain(host: &str, entry: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let entry = entry.strip_suffix('.').unwrap_or(entry);
    let entry = entry.strip_prefix('.').unwrap_or(entry).to_ascii_lowercase();
    let above = host.strip_suffix(&entry).filter(|_| !entry.is_empty());
    above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

/// `None` if the entry is neither an address nor a network.
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
    use super::matches;

    #[test]
    fn a_name_matches_itself_and_its_subdomains() {
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
                assert!(matches(list, host), "{list:?} {host}");
            }
        }
        assert!(matches("localhost", "localhost"));
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
            assert!(!matches(list, host), "{list:?} {host}");
        }
    }

    #[test]
    fn an_address_matches_itself_or_its_network() {
        for (list, host) in [
            ("192.0.2.7", "192.0.2.7"),
            ("10.0.0.1 192.0.2.0/24", "192.0.2.7"),
            ("192.0.2.6/31", "192.0.2.7"),
            ("0.0.0.0/0", "192.0.2.7"),
            ("2001:db8::1", "[2001:db8::1]"),
            ("2001:DB8::/32", "[2001:db8:7::1]"),
            ("*", "[::1]"),
        ] {
            assert!(matches(list, host), "{list:?} {host}");
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
            assert!(!matches(list, host), "{list:?} {host}");
        }
    }
}
