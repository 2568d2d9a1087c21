//! The proxy variables of the environment, as curl reads them: so does the server's own client. With an
//! unusable proxy no connection is made, never a direct one.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::{Proxy, ProxyProtocol};

use crate::delivery::no_proxy;
use crate::destination::url::{Authority, AuthorityError};
use crate::environment::Environment;

/// The default port, except for `https://`: that of curl.
const DEFAULT_PORT: u16 = 1080;

/// What is escaped in credentials: all that a URL does not allow. Existing escapes stay.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'%');

/// The value of a proxy variable is not valid. The message does not repeat it: it may have a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is not a usable proxy ({fault})")]
pub struct UnusableProxy {
    variable: &'static str,
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Fault {
    #[error("unknown scheme; expected http, https, socks4, socks4a, socks5 or socks5h")]
    Scheme,
    #[error("no valid host name; expected scheme://host:port")]
    Host,
    #[error("no valid port; expected a number from 1 to 65535")]
    Port,
    #[error(
        "something follows the port; expected scheme://user:password@host:port, with / ? # in a \
         password written as %2F %3F %23"
    )]
    Path,
    #[error(
        "user name or password is not UTF-8; percent-encode its UTF-8 bytes (%C3%A9 for \u{e9})"
    )]
    Encoding,
    #[error("user name or password with SOCKS4, which is not supported; use socks5")]
    Socks4Credentials,
}

/// The proxy for this host of an `https` URL, if there is one.
pub fn from_environment(
    environment: &Environment,
    host: &str,
) -> Result<Option<Proxy>, UnusableProxy> {
    let variables = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let named = variables.into_iter().find_map(|name| Some((name, environment.get(name)?)));
    match named {
        Some((variable, value)) if !no_proxy::is_exempt(environment, host) => {
            parse(value).map(Some).map_err(|fault| UnusableProxy { variable, fault })
        }
        _ => Ok(None),
    }
}

fn parse(value: &str) -> Result<Proxy, Fault> {
    let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
    let protocol = match scheme.to_ascii_lowercase().as_str() {
        "http" => ProxyProtocol::Http,
        "https" => ProxyProtocol::Https,
        "socks" | "socks4" => ProxyProtocol::Socks4,
        "socks4a" => ProxyProtocol::Socks4A,
        "socks5" => ProxyProtocol::Socks5,
        "socks5h" => ProxyProtocol::Socks5h,
        _ => return Err(Fault::Scheme),
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if !matches!(path, "" | "/") {
        return Err(Fault::Path);
    }
    let (credentials, authority) = match authority.rsplit_once('@') {
        Some((credentials, authority)) => (Some(credentials), authority),
        None => (None, authority),
    };
    let Authority { host, port } = Authority::parse(authority).map_err(|error| match error {
        AuthorityError::Host => Fault::Host,
        AuthorityError::Port => Fault::Port,
    })?;
    let port = port.unwrap_or(match protocol {
        ProxyProtocol::Https => 443,
        _ => DEFAULT_PORT,
    });
    let credentials = match credentials {
        None => String::new(),
        Some(_) if matches!(protocol, ProxyProtocol::Socks4 | ProxyProtocol::Socks4A) => {
            return Err(Fault::Socks4Credentials);
        }
        // Bytes that are not UTF-8 were replaced when the variable was read.
        Some(text) if text.contains(char::REPLACEMENT_CHARACTER) => return Err(Fault::Encoding),
        Some(text) => {
            let escaped = |text| utf8_percent_encode(text, ESCAPED);
            match text.split_once(':') {
                Some((user, password)) => format!("{}:{}@", escaped(user), escaped(password)),
                None => format!("{}@", escaped(text)),
            }
        }
    };
    // All other parts are valid.
    Proxy::new(&format!("{protocol}://{credentials}{host}:{port}")).map_err(|_| Fault::Encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(variables: &[(&'static str, &str)]) -> Result<Option<Proxy>, UnusableProxy> {
        let environment = variables
            .iter()
            .fold(Environment::at_root("/nowhere"), |e, (name, value)| e.with(name, *value));
        from_environment(&environment, "check.percona.com")
    }

    fn of(value: &str) -> (String, u16) {
        let found = proxy(&[("https_proxy", value)]).unwrap().unwrap();
        (format!("{}://{}", found.protocol(), found.host()).to_ascii_lowercase(), found.port())
    }

    fn fault(value: &str) -> Fault {
        proxy(&[("https_proxy", value)]).unwrap_err().fault
    }

    #[test]
    fn no_variable_is_no_proxy() {
        assert!(proxy(&[]).unwrap().is_none());
        assert!(proxy(&[("HTTPS_PROXY", "")]).unwrap().is_none());
    }

    #[test]
    fn the_variable_for_https_comes_before_the_one_for_all() {
        let found = proxy(&[("ALL_PROXY", "http://all:1"), ("HTTPS_PROXY", "http://tls:2")]);
        let found = found.unwrap().unwrap();
        assert_eq!((found.host(), found.port()), ("tls", 2));
        let found = proxy(&[("ALL_PROXY", "http://all:1"), ("https_proxy", "")]).unwrap().unwrap();
        assert_eq!(found.host(), "all");
    }

    #[test]
    fn scheme_and_port_may_be_left_out_as_with_curl() {
        for (value, url, port) in [
            ("proxy", "http://proxy", 1080),
            ("proxy:3128", "http://proxy", 3128),
            ("http://proxy/", "http://proxy", 1080),
            ("HTTP://Proxy:03128/", "http://proxy", 3128),
            ("https://proxy", "https://proxy", 443),
            ("socks://proxy", "socks4://proxy", 1080),
            ("socks4a://proxy", "socks4a://proxy", 1080),
            ("socks5h://[2001:DB8::1]", "socks5h://[2001:db8::1]", 1080),
            ("socks5://127.0.0.1:9050", "socks5://127.0.0.1", 9050),
        ] {
            assert_eq!(of(value), (url.to_owned(), port), "{value}");
        }
    }

    #[test]
    fn credentials_are_taken_in_every_form() {
        for (credentials, user, password) in [
            ("me:secret", "me", Some("secret")),
            ("me", "me", None),
            (":secret", "", Some("secret")),
            ("DOMAIN\\me:s:e@c r+t", "DOMAIN\\me", Some("s:e@c r+t")),
            ("me@corp:%C3%A9\u{e9}%2F", "me@corp", Some("\u{e9}\u{e9}/")),
            ("me:100%", "me", Some("100%")),
        ] {
            let value = format!("http://{credentials}@proxy:3128");
            let found = proxy(&[("https_proxy", &value)]).unwrap().unwrap();
            assert_eq!((found.username(), found.password()), (Some(user), password), "{value}");
            assert_eq!((found.host(), found.port()), ("proxy", 3128), "{value}");
        }
    }

    #[test]
    fn an_unusable_proxy_is_an_error_and_never_another_one() {
        for (value, expected) in [
            (" ", Fault::Host),
            ("http://", Fault::Host),
            ("http://:3128", Fault::Host),
            ("http://pro xy", Fault::Host),
            ("http://::1:3128", Fault::Host),
            ("http://[fe80::1%25eth0]:3128", Fault::Host),
            ("http://proxy:99999", Fault::Port),
            ("http://proxy:0", Fault::Port),
            ("http://proxy:", Fault::Port),
            ("http://proxy:/", Fault::Port),
            ("http://proxy:3128 ", Fault::Port),
            ("http://me:secret@proxy:99999", Fault::Port),
            ("http://proxy:3128/path", Fault::Path),
            ("http://proxy:3128?x", Fault::Path),
            // A password with a slash in it: "me" is not the proxy.
            ("http://me:80/secret@proxy:3128", Fault::Path),
            ("gopher://proxy", Fault::Scheme),
            (" http://proxy", Fault::Scheme),
            ("http://me:p%e9@proxy", Fault::Encoding),
            ("http://me:p\u{fffd}@proxy", Fault::Encoding),
            ("socks4://me@proxy", Fault::Socks4Credentials),
        ] {
            assert_eq!(fault(value), expected, "{value}");
        }
    }

    #[test]
    fn the_message_does_not_repeat_the_password() {
        let error = proxy(&[("ALL_PROXY", "http://me:secret@proxy:99999")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "ALL_PROXY is not a usable proxy (no valid port; expected a number from 1 to 65535)"
        );
    }

    #[test]
    fn an_exempt_host_is_reached_without_a_proxy() {
        let named = ("https_proxy", "http://p:1");
        let is_used = |exceptions| proxy(&[named, exceptions]).unwrap().is_some();
        assert!(!is_used(("no_proxy", "x, percona.com")) && !is_used(("NO_PROXY", "percona.com")));
        assert!(is_used(("no_proxy", "example.com")));
        let found = proxy(&[named, ("no_proxy", ""), ("NO_PROXY", "percona.com")]);
        assert!(found.unwrap().is_none(), "an empty list hides no other");
        let found = proxy(&[named, ("no_proxy", "x"), ("NO_PROXY", "percona.com")]);
        assert!(found.unwrap().is_some(), "one list counts");
    }
}
