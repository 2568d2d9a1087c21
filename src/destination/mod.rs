//! Where reports go: the value of `perconaTelemetryUrl`.
//!
//! A destination is checked more strictly than RFC 3986 does: a database server sends data there, and no
//! two parsers may read it differently.

pub mod url;

use std::borrow::Cow;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, PathBuf};

use self::url::{Authority, AuthorityError, percent_decoded};

/// Percona's service.
pub const DEFAULT_DESTINATION: &str = "https://check.percona.com/v1/telemetry/GenericReport";

const MAX_URL_BYTES: usize = 2048;

/// Where a report is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// An endpoint. Without TLS it is on the loopback interface.
    Http {
        /// The URL, with scheme and host in lower case and a path before a query: every client accepts that.
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

/// Why a URL is not a valid destination. Each is the rest of a sentence that begins with the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// None of the three schemes.
    #[error("is not https://…, http:// to a loopback address, or file:///folder")]
    Scheme,
    /// `http` to a host that is not loopback.
    #[error("is http to another host; use https, or http only to localhost, 127.0.0.0/8 or [::1]")]
    PlainHttp,
    /// No host, or characters that are not allowed in one.
    #[error("has no valid host name; expected https://host/path")]
    Host,
    /// An invalid port.
    #[error("has no valid port; expected a number from 1 to 65535")]
    Port,
    /// Name and password in the URL.
    #[error("holds a user name or password, which are never sent; leave them out")]
    Credentials,
    /// Spaces, control characters, or a fragment.
    #[error(
        "has a space, control character, fragment or non-ASCII character; percent-encode what \
         belongs to the path, and give a host name in its xn-- form"
    )]
    Characters,
    /// More than 2048 bytes.
    #[error("is longer than 2048 bytes")]
    Length,
    /// `file:` without an absolute path.
    #[error("names no absolute folder; expected file:///folder")]
    Folder,
    /// `file:` and the root folder, or a path with `..`.
    #[error("names the root folder or holds ..; expected file:///folder, a folder of its own")]
    Root,
    /// `file:` and more than a path.
    #[error("has a query or fragment; write ? as %3F and # as %23 in a folder's name")]
    Query,
}

impl From<AuthorityError> for DestinationError {
    fn from(error: AuthorityError) -> Self {
        match error {
            AuthorityError::Host => Self::Host,
            AuthorityError::Port => Self::Port,
        }
    }
}

impl Destination {
    /// Reads the value of the parameter.
    pub fn parse(text: &str) -> Result<Self, DestinationError> {
        if text.len() > MAX_URL_BYTES {
            return Err(DestinationError::Length);
        }
        let (scheme, rest) = text.split_once("://").ok_or(DestinationError::Scheme)?;
        match scheme.to_ascii_lowercase().as_str() {
            scheme @ ("https" | "http") => endpoint(scheme, rest),
            "file" => folder(rest),
            _ => Err(DestinationError::Scheme),
        }
    }

    /// The URL that is used.
    pub fn url(&self) -> &str {
        match self {
            Self::Http { url, .. } | Self::Folder { url, .. } => url,
        }
    }

    /// The URL for a log, a status or a message: a query may hold a token.
    pub fn redacted(&self) -> Cow<'_, str> {
        redacted_url(self.url())
    }
}

/// A URL, or what should be one, without what follows a `?` or `#`.
pub fn redacted_url(url: &str) -> Cow<'_, str> {
    match url.find(['?', '#']) {
        Some(at) => format!("{}…", &url[..=at]).into(),
        None => url.into(),
    }
}

fn endpoint(scheme: &str, rest: &str) -> Result<Destination, DestinationError> {
    if !rest.bytes().all(is_url_byte) {
        return Err(DestinationError::Characters);
    }
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err(DestinationError::Credentials);
    }
    let authority = Authority::parse(authority)?;
    let tls = scheme == "https";
    if !tls && !authority.is_loopback() {
        return Err(DestinationError::PlainHttp);
    }
    // Not every client expects a query without a path: that of mongod 5.0 takes it for a part of the port.
    let root = if path.starts_with('?') { "/" } else { "" };
    let url = format!("{scheme}://{authority}{root}{path}");
    if url.len() > MAX_URL_BYTES {
        return Err(DestinationError::Length);
    }
    Ok(Destination::Http { url, tls })
}

/// The characters of RFC 3986, without the `#` that begins a fragment.
fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&byte)
}

fn folder(text: &str) -> Result<Destination, DestinationError> {
    if !text.starts_with('/') {
        return Err(DestinationError::Folder);
    }
    if text.contains(['?', '#']) {
        return Err(DestinationError::Query);
    }
    if text.chars().any(char::is_control) {
        return Err(DestinationError::Characters);
    }
    let decoded = percent_decoded(text).ok_or(DestinationError::Characters)?;
    let path = PathBuf::from(OsString::from_vec(decoded));
    let names_one = path.components().any(|part| matches!(part, Component::Normal(_)));
    if !names_one || path.components().any(|part| part == Component::ParentDir) {
        return Err(DestinationError::Root);
    }
    Ok(Destination::Folder { url: format!("file://{text}"), path })
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT_DESTINATION, Destination, DestinationError as E, redacted_url};
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
    fn plain_http_is_a_destination_on_loopback_alone() {
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
            "http://localhost./",
        ] {
            assert_eq!(Destination::parse(url), Err(E::PlainHttp), "{url}");
        }
    }

    #[test]
    fn a_url_is_kept_in_the_form_that_every_client_accepts() {
        for (url, kept) in [
            ("HTTP://127.0.0.1/X", "http://127.0.0.1/X"),
            ("Https://Collector.Example.:0443/A?B=%2f", "https://collector.example.:443/A?B=%2f"),
            ("https://[2001:DB8::0:1]", "https://[2001:db8::1]"),
            ("https://host:8443?a=b", "https://host:8443/?a=b"),
            ("FILE:///Var/Outbox", "file:///Var/Outbox"),
        ] {
            assert_eq!(Destination::parse(url).unwrap().url(), kept, "{url}");
        }
    }

    #[test]
    fn a_query_is_used_and_not_shown() {
        let destination = Destination::parse("https://host/path?token=secret").unwrap();
        assert_eq!(destination.url(), "https://host/path?token=secret");
        assert_eq!(destination.redacted(), "https://host/path?…");
        assert_eq!(redacted_url("https://host/#secret"), "https://host/#…");
        assert_eq!(redacted_url("file:///var/outbox"), "file:///var/outbox");
    }

    #[test]
    fn a_folder_is_a_destination_by_its_absolute_path() {
        let path = |url: &str| match Destination::parse(url) {
            Ok(Destination::Folder { path, .. }) => path,
            other => panic!("{url}: {other:?}"),
        };
        assert_eq!(path("file:///var/outbox"), Path::new("/var/outbox"));
        assert_eq!(path("file:///a%20b c"), Path::new("/a b c"));
    }

    #[test]
    fn each_invalid_destination_has_its_error() {
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
            ("https://-host/", E::Host),
            ("https://host/<x>", E::Characters),
            ("https://host/`", E::Characters),
            ("https://host:/", E::Port),
            ("https://host:99999/", E::Port),
            ("https://user:secret@host/", E::Credentials),
            ("http://127.0.0.1@evil.example/", E::Credentials),
            ("https://host/a b", E::Characters),
            ("https://host/#part", E::Characters),
            ("https://h\u{f6}st/", E::Characters),
            ("https://host\\@evil/", E::Characters),
            ("https://host/\r\nX: y", E::Characters),
            ("file://folder", E::Folder),
            ("file://localhost/folder", E::Folder),
            ("file:///", E::Root),
            ("file:////", E::Root),
            ("file:///.", E::Root),
            ("file:///%2F.//", E::Root),
            ("file:///var/..", E::Root),
            ("file:///var/%2e%2E/outbox", E::Root),
            ("file:///var/outbox?token", E::Query),
            ("file:///var/outbox#1", E::Query),
            ("file:///a%2", E::Characters),
            ("file:///a%00b", E::Characters),
        ] {
            assert_eq!(Destination::parse(url), Err(error), "{url}");
        }
        let of_length =
            |length: usize| Destination::parse(&format!("https://h/{}", "x".repeat(length - 10)));
        assert!(of_length(2048).is_ok());
        assert_eq!(of_length(2049), Err(E::Length));
        let kept_longer = format!("https://h?{}", "x".repeat(2038));
        assert_eq!(Destination::parse(&kept_longer), Err(E::Length));
    }
}
