//! Name resolution.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// How many addresses of a host are tried; ureq has room for no more.
const MAX_ADDRESSES: usize = 16;

/// Resolves on the calling thread, which is the attempt's own and may hang. ureq's own resolver starts
/// a thread: with no signal blocked, and with a panic if it cannot be created.
#[derive(Debug)]
pub struct BlockingResolver {
    /// Whether an address that is not loopback is an error.
    pub loopback_only: bool,
    /// By how many addresses the list is rotated.
    pub rotation: usize,
}

impl BlockingResolver {
    fn rotated(&self, mut found: Vec<SocketAddr>) -> ResolvedSocketAddrs {
        let first = self.rotation.checked_rem(found.len()).unwrap_or(0);
        found.rotate_left(first);
        let mut addresses = self.empty();
        found.into_iter().take(MAX_ADDRESSES).for_each(|address| addresses.push(address));
        addresses
    }
}

impl Resolver for BlockingResolver {
    fn resolve(
        &self,
        uri: &Uri,
        _config: &Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(Error::HostNotFound);
        };
        let name = DefaultResolver::host_and_port(scheme, authority).ok_or(Error::HostNotFound)?;
        let found: Vec<_> = name.to_socket_addrs()?.collect();
        // `localhost` is a name like any other: /etc/hosts may map it to another host.
        if let Some(other) =
            found.iter().find(|address| self.loopback_only && !address.ip().is_loopback())
        {
            return Err(Error::Io(io::Error::other(format!(
                "{} is {}, which is not a loopback address",
                authority.host(),
                other.ip()
            ))));
        }
        if found.is_empty() { Err(Error::HostNotFound) } else { Ok(self.rotated(found)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(loopback_only: bool, url: &str) -> Result<ResolvedSocketAddrs, Error> {
        let resolver = BlockingResolver { loopback_only, rotation: 1 };
        resolver.resolve(&url.parse().unwrap(), &Config::default(), NextTimeout::default())
    }

    #[test]
    fn a_name_for_plain_http_must_be_an_address_of_this_host() {
        for url in ["http://127.0.0.1:80/", "http://[::1]:80/"] {
            assert!(resolve(true, url).is_ok(), "{url}");
        }
        assert!(resolve(true, "http://192.0.2.1:80/").is_err());
        assert!(resolve(false, "https://192.0.2.1/").is_ok());
    }

    #[test]
    fn each_rotation_begins_at_another_address() {
        let all: Vec<SocketAddr> =
            (1..=20).map(|last| SocketAddr::from(([192, 0, 2, last], 443))).collect();
        let rotated = |count: usize, rotation| {
            let found = all[..count].to_vec();
            let addresses = BlockingResolver { loopback_only: false, rotation }.rotated(found);
            addresses.iter().map(|a| all.iter().position(|b| a == b).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(rotated(3, 0), [0, 1, 2]);
        assert_eq!(rotated(3, 1), [1, 2, 0]);
        assert_eq!(rotated(3, 1_795_348_800), [0, 1, 2]);
        assert_eq!(rotated(1, 7), [0]);
        assert_eq!(rotated(20, 18)[..3], [18, 19, 0]);
        assert_eq!(rotated(20, 18).len(), MAX_ADDRESSES);
    }
}
