//! Where reports go: the value of `perconaTelemetryUrl`.
//!
//! A destination is checked more strictly than a URL needs to be: it is where a database server
//! sends something, and what cannot be mistaken is safer than what some parser accepts.

use std::ffi::OsString;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// Percona's service.
pub const DEFAULT_DESTINATION: &str = "https://check.percona.com/v1/telemetry/GenericReport";

/// The longest URL that is taken, in bytes.
const LIMIT: usize = 2048;

/// Where a report is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// An endpoint. Without TLS it is on the loopback interface.
    Http {
        /// The URL as it was given.
        url: String,
        /// Whether it is `https`.
        tls: bool,
    },
    /// A folder, for hosts without a network.
    Folder {
        /// The URL as it was given.
        url: String,
        /// The folder it names.
        path: PathBuf,
    },
}

/// Why a text is no destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DestinationError {
    /// None of the three schemes.
    Scheme,
    /// `http` to a host that is not loopback.
    PlainHttp,
    /// No host, or characters that no host has.
    Host,
    /// A port that is no port.
    Port,
    /// Name and password in the URL.
    Credentials,
    /// Spaces, control characters, or a fragment.
    Characters,
    /// More than 2048 bytes.
    Length,
    /// `file:` and no absolute path.
    Folder,
}

impl fmt::Display for DestinationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "is not https://…, http:// to a loopback address, or file:///folder",
            Self::PlainHttp => {
                "is http to another host; use https, or http only to localhost, 127.0.0.0/8 or [::1]"
            }
            Self::Host => "has no valid host name; expected https://host/path",
            Self::Port => "has no valid port; expected a number from 1 to 65535",
            Self::Credentials => "holds a user name or password, which are never sent; leave them out",
            Self::Characters => {
                "has a space, control character, fragment or non-ASCII character; \
                 percent-encode what belongs to the path"
            }
            Self::Length => "is longer than 2048 bytes",
            Self::Folder => "names no absolute folder; expected file:///folder",
        })
    }
}

impl Destination {
    /// Reads the value of the parameter.
    pub fn parse(text: &str) -> Result<Self, DestinationError> {
        if text.len() > LIMIT {
            return Err(DestinationError::Length);
        }
        let (scheme, rest) = text.split_once("://").ok_or(DestinationError::Scheme)?;
        match scheme.to_ascii_lowercase().as_str() {
            "https" => endpoint(text, rest, true),
            "http" => endpoint(text, rest, false),
            "file" => folder(text, rest),
            _ => Err(DestinationError::Scheme),
        }
    }

    /// The URL as it was given.
    pub fn url(&self) -> &str {
        match self {
            Self::Http { url, .. } | Self::Folder { url, .. } => url,
        }
    }
}

fn endpoint(url: &str, rest: &str, tls: bool) -> Result<Destination, DestinationError> {
    if !rest.bytes().all(is_url_byte) {
        return Err(DestinationError::Characters);
    }
    let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
    if authority.contains('@') {
        return Err(DestinationError::Credentials);
    }
    let host = host_of(authority)?;
    if !tls && !is_loopback(host) {
        return Err(DestinationError::PlainHttp);
    }
    Ok(Destination::Http { url: url.to_owned(), tls })
}

/// The characters of RFC 3986, without the `#` that begins a fragment.
fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&byte)
}

/// The host of `host`, `host:port`, `[v6]` or `[v6]:port`, all of it valid.
fn host_of(authority: &str) -> Result<&str, DestinationError> {
    let (host, port) = if authority.starts_with('[') {
        let end = authority.find(']').ok_or(DestinationError::Host)?;
        let (host, port) = authority.split_at(end + 1);
        v6_of(host).ok_or(DestinationError::Host)?;
        (host, port)
    } else {
        let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
        let is_v4 = host.parse::<Ipv4Addr>().is_ok();
        if !host.bytes().all(letters)
            || host.split('.').any(str::is_empty)
            || (!is_v4 && host.rsplit('.').next().is_some_and(is_number))
        {
            return Err(DestinationError::Host);
        }
        (host, port)
    };
    match port.strip_prefix(':') {
        None if port.is_empty() => Ok(host),
        Some(port) if port.parse::<u16>().is_ok_and(|p| p > 0) && !port.starts_with('+') => {
            Ok(host)
        }
        _ => Err(DestinationError::Port),
    }
}

fn v6_of(bracketed: &str) -> Option<Ipv6Addr> {
    bracketed.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || v6_of(host).is_some_and(|address| address.is_loopback())
}

fn folder(url: &str, path: &str) -> Result<Destination, DestinationError> {
    if !path.starts_with('/') {
        return Err(DestinationError::Folder);
    }
    if path.chars().any(char::is_control) {
        return Err(DestinationError::Characters);
    }
    let path = percent_decoded(path).ok_or(DestinationError::Characters)?;
    Ok(Destination::Folder { url: url.to_owned(), path: OsString::from_vec(path).into() })
}

fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        let value = match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                let digit = |byte| char::from(byte).to_digit(16);
                u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()?
            }
            other => other,
        };
        decoded.push(value);
    }
    (!decoded.contains(&0)).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT_DESTINATION, Destination, DestinationError as E};
    use std::path::Path;

    #[test]
    fn https_to_any_host_is_a_destination() {
        for url in [
            DEFAULT_DESTINATION,
            "https://host",
            "HTTPS://host.example:8443/path?query=1",
            "https://192.0.2.7/x",
            "https://[2001:db8::1]:443/",
        ] {
            assert!(
                matches!(Destination::parse(url), Ok(Destination::Http { tls: true, .. })),
                "{url}"
            );
        }
    }

    #[test]
    fn plain_http_is_one_to_loopback_alone() {
        for url in
            ["http://localhost:1/", "http://127.0.0.1", "http://127.9.9.9:8/", "http://[::1]:8"]
        {
            assert!(
                matches!(Destination::parse(url), Ok(Destination::Http { tls: false, .. })),
                "{url}"
            );
        }
        for url in [
            "http://check.percona.com/",
            "http://10.0.0.1/",
            "http://[2001:db8::1]/",
            "http://127.0.0.1.example.com/",
            "http://localhost.example.com/",
        ] {
            assert_eq!(Destination::parse(url), Err(E::PlainHttp), "{url}");
        }
    }

    #[test]
    fn a_folder_is_one_by_its_absolute_path() {
        let path = |url: &str| match Destination::parse(url) {
            Ok(Destination::Folder { path, .. }) => path,
            other => panic!("{url}: {other:?}"),
        };
        assert_eq!(path("file:///var/outbox"), Path::new("/var/outbox"));
        assert_eq!(path("file:///a%20b c"), Path::new("/a b c"));
    }

    #[test]
    fn what_is_no_destination_is_told_apart() {
        for (url, error) in [
            ("", E::Scheme),
            ("no url", E::Scheme),
            ("ftp://host/", E::Scheme),
            ("https:/host", E::Scheme),
            ("https://", E::Host),
            ("https:///path", E::Host),
            ("https://[::1/", E::Host),
            ("https://[fe80::zz]/", E::Host),
            ("https://ho%73t/", E::Host),
            ("https://.host/", E::Host),
            ("https://a..b/", E::Host),
            ("https://1.2.3/", E::Host),
            ("https://host/<x>", E::Characters),
            ("https://host/`", E::Characters),
            ("https://host:/", E::Port),
            ("https://host:0/", E::Port),
            ("https://host:99999/", E::Port),
            ("https://host:+8/", E::Port),
            ("https://[::1]x/", E::Port),
            ("https://user:secret@host/", E::Credentials),
            ("http://127.0.0.1@evil.example/", E::Credentials),
            ("https://host/a b", E::Characters),
            ("https://host/#part", E::Characters),
            ("https://h\u{f6}st/", E::Characters),
            ("https://host\\@evil/", E::Characters),
            ("https://host/\r\nX: y", E::Characters),
            ("file://folder", E::Folder),
            ("file://localhost/folder", E::Folder),
            ("file:///a%2", E::Characters),
            ("file:///a%00b", E::Characters),
        ] {
            assert_eq!(Destination::parse(url), Err(error), "{url}");
        }
        assert_eq!(Destination::parse(&format!("https://h/{}", "x".repeat(2048))), Err(E::Length));
    }
}
