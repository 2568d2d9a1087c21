//! Parts of a URL, checked more strictly than RFC 3986 does: every client accepts what is accepted here.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use percent_encoding::percent_decode_str;

use crate::number::whole_number;

/// The limits of DNS for a name and for each of its labels.
const MAX_NAME_BYTES: usize = 253;
const MAX_LABEL_BYTES: usize = 63;

/// A host, in lower case, and the port if one is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    pub host: String,
    /// From 1 to 65535.
    pub port: Option<u16>,
}

/// Why an authority is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorityError {
    /// No host, or characters that are not allowed in one.
    Host,
    /// An invalid port, or a colon without one.
    Port,
}

impl Authority {
    /// Reads `host`, `host:port`, `[v6]` or `[v6]:port`.
    pub fn parse(text: &str) -> Result<Self, AuthorityError> {
        let end = match text.find(']') {
            Some(bracket) if text.starts_with('[') => bracket + 1,
            _ => text.find(':').unwrap_or(text.len()),
        };
        let (host, port) = text.split_at(end);
        let host = match v6_of(host) {
            Some(address) => format!("[{address}]"),
            None if is_v4(host) || is_name(host) => host.to_ascii_lowercase(),
            None => return Err(AuthorityError::Host),
        };
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => None,
            port => {
                let number = port.and_then(whole_number).and_then(|port| port.try_into().ok());
                Some(number.filter(|port| *port > 0).ok_or(AuthorityError::Port)?)
            }
        };
        Ok(Self { host, port })
    }

    /// Whether it can only mean this host.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self.host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
            || v6_of(&self.host).is_some_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

fn v6_of(bracketed: &str) -> Option<Ipv6Addr> {
    bracketed.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

fn is_v4(host: &str) -> bool {
    host.parse::<Ipv4Addr>().is_ok()
}

/// A dot at the end is part of a name: it keeps resolvers from adding a search domain.
fn is_name(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    // Resolvers read a last label of these forms as a part of an IPv4 address.
    let is_number = |label: &str| {
        whole_number(label).is_some()
            || label
                .strip_prefix("0x")
                .or(label.strip_prefix("0X"))
                .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    host.len() <= MAX_NAME_BYTES
        && name.split('.').all(is_label)
        && !name.rsplit('.').next().is_some_and(is_number)
}

fn is_label(label: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=MAX_LABEL_BYTES).contains(&label.len())
        && label.bytes().all(allowed)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// The bytes that percent-encoded text stands for; `None` if there is a zero byte or an incomplete
/// escape.
pub fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let is_escape = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    let is_complete = text.split('%').skip(1).all(is_escape);
    let decoded: Vec<u8> = percent_decode_str(text).collect();
    (is_complete && !decoded.contains(&0)).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::{Authority, AuthorityError as E};

    #[test]
    fn an_authority_is_kept_in_one_form() {
        for (text, kept) in [
            ("Check.Percona.COM", "check.percona.com"),
            ("host_1.example.:0443", "host_1.example.:443"),
            ("127.0.0.1:65535", "127.0.0.1:65535"),
            ("[2001:DB8:0:0::1]:1", "[2001:db8::1]:1"),
            ("xn--hst-sna.example", "xn--hst-sna.example"),
        ] {
            assert_eq!(
                Authority::parse(text).map(|a| a.to_string()).as_deref(),
                Ok(kept),
                "{text}"
            );
        }
    }

    #[test]
    fn an_invalid_authority_is_refused() {
        let long = format!("{}.example", "x".repeat(64));
        let longer = "x.".repeat(127);
        for host in [
            "",
            ".",
            "..",
            ".host",
            "a..b",
            "host..",
            "-host",
            "host-",
            "a.-b.c",
            "ho%73t",
            "h st",
            "1.2.3",
            "127.1",
            "127.0.0.1.",
            "2130706433",
            "0x7f000001",
            "1.2.3.0x4",
            "1.2.3.256",
            "[::1",
            "::1",
            "[fe80::zz]",
            "[fe80::1%25eth0]",
            "[127.0.0.1]",
            "[]",
            &long,
            &longer,
        ] {
            assert_eq!(Authority::parse(host), Err(E::Host), "{host}");
        }
        for port in ["", "0", "00", "65536", "99999", "+8", "-1", "8x", " 8", "8 ", "8:8"] {
            for host in ["host", "[::1]"] {
                let text = format!("{host}:{port}");
                assert_eq!(Authority::parse(&text), Err(E::Port), "{text}");
            }
        }
        assert_eq!(Authority::parse("[::1]x"), Err(E::Port));
    }

    #[test]
    fn only_this_host_is_loopback() {
        let is_loopback = |text| Authority::parse(text).unwrap().is_loopback();
        for host in ["localhost", "LocalHost:1", "127.0.0.1", "127.9.9.9", "[::1]", "[0:0::0:1]:8"]
        {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.", "localhost.example", "10.0.0.1", "[::ffff:127.0.0.1]", "[::]"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
