//! Connecting to a host of several addresses: one after the other, each for its share of the time.
//!
//! ureq's own connectors give up when an address is refused in a way that they do not know (a rule of
//! the host against IPv6, for example), and leave little time to the later addresses and to TLS.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::time::Instant;
use ureq::unversioned::transport::{ConnectionDetails, Connector, NextTimeout, Transport};
use ureq::{Error, ProxyProtocol};

/// An address with others after it may take at least one of so many shares of the remaining time:
/// four that do not respond leave two fifths of it, and a distant one is not given up too soon.
const MAX_SHARES: usize = 5;

/// Makes a connector try each address of its host: of the proxy for a SOCKS proxy, else of the
/// destination.
#[derive(Debug)]
pub struct EachAddress<C>(pub C);

impl<In: Transport, C: Connector<In>> Connector<In> for EachAddress<C> {
    type Out = C::Out;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<C::Out>, Error> {
        if chained.is_some() {
            return self.0.connect(details, chained);
        }
        let socks = details.config.proxy().filter(|proxy| is_socks(proxy.protocol()));
        let addresses = match socks {
            Some(proxy) => {
                details.resolver.resolve(proxy.uri(), details.config, details.timeout)?
            }
            None => details.addrs.clone(),
        };
        if addresses.is_empty() {
            return self.0.connect(details, None);
        }
        let connect = |address: SocketAddr, share: Duration| {
            let single = SingleAddress(address);
            let details = ConnectionDetails {
                uri: details.uri,
                addrs: if socks.is_some() { details.addrs.clone() } else { single.addresses() },
                config: details.config,
                request_level: details.request_level,
                resolver: &single,
                now: (details.current_time)(),
                timeout: NextTimeout { after: share.into(), ..details.timeout },
                current_time: details.current_time.clone(),
                run_connector: details.run_connector.clone(),
                register_shutdown: details.register_shutdown.clone(),
            };
            self.0.connect(&details, None)
        };
        try_each(&addresses, *details.timeout.after, || elapsed(details), connect).map_err(
            |error| match error {
                Error::Timeout(_) => Error::Timeout(details.timeout.reason),
                other => other,
            },
        )
    }
}

/// How long the connection has been tried.
pub fn elapsed(details: &ConnectionDetails) -> Duration {
    match ((details.current_time)(), details.now) {
        (Instant::Exact(now), Instant::Exact(start)) => now.saturating_duration_since(start),
        _ => Duration::ZERO,
    }
}

fn is_socks(protocol: ProxyProtocol) -> bool {
    !matches!(protocol, ProxyProtocol::Http | ProxyProtocol::Https)
}

/// The first success, or the last failure. No kind of refusal ends the list.
fn try_each<T>(
    addresses: &[SocketAddr],
    limit: Duration,
    elapsed: impl Fn() -> Duration,
    mut connect: impl FnMut(SocketAddr, Duration) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut failure = Error::HostNotFound;
    for (address, after) in addresses.iter().zip((0..addresses.len()).rev()) {
        let left = limit.saturating_sub(elapsed());
        if left.is_zero() {
            return Err(failure);
        }
        // One share for each address that comes after it, and one for what follows the connection.
        let shares = if after == 0 { 1 } else { MAX_SHARES.min(after + 2) };
        match connect(*address, left / u32::try_from(shares).unwrap_or(1)) {
            // Cancelled: ureq refuses the connection.
            Err(Error::Io(e)) if e.kind() == ErrorKind::NotConnected => return Err(Error::Io(e)),
            Err(error @ (Error::Io(_) | Error::Timeout(_))) => failure = error,
            ended => return ended,
        }
    }
    Err(failure)
}

/// Resolves every name to one address.
#[derive(Clone, Copy, Debug)]
struct SingleAddress(SocketAddr);

impl SingleAddress {
    fn addresses(self) -> ResolvedSocketAddrs {
        let mut addresses = self.empty();
        addresses.push(self.0);
        addresses
    }
}

impl Resolver for SingleAddress {
    fn resolve(
        &self,
        _uri: &Uri,
        _config: &Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.addresses())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};
    use std::io;
    use ureq::Timeout;

    const LIMIT: Duration = Duration::from_secs(5);

    fn addresses(count: u8) -> Vec<SocketAddr> {
        (1..=count).map(|last| SocketAddr::from(([192, 0, 2, last], 443))).collect()
    }

    fn refusal(code: i32) -> Error {
        Error::Io(io::Error::from_raw_os_error(code))
    }

    #[test]
    fn the_protocols_of_socks_are_told_from_the_others() {
        use ProxyProtocol as P;
        assert!([P::Socks4, P::Socks4A, P::Socks5].into_iter().all(is_socks));
        assert!(![P::Http, P::Https].into_iter().any(is_socks));
    }

    #[test]
    fn no_kind_of_refusal_ends_the_list() {
        for code in [
            libc::EACCES,
            libc::EADDRNOTAVAIL,
            libc::EAFNOSUPPORT,
            libc::ECONNREFUSED,
            libc::ECONNRESET,
            libc::EHOSTUNREACH,
            libc::EINVAL,
            libc::ENETDOWN,
            libc::ENETUNREACH,
            libc::EPERM,
            libc::EPROTONOSUPPORT,
            libc::ETIMEDOUT,
        ] {
            let all = addresses(3);
            let connected = try_each(&all, LIMIT, Duration::default, |address, _| {
                if address == all[2] { Ok(address) } else { Err(refusal(code)) }
            });
            assert_eq!(connected.unwrap(), all[2], "{code}");
            let failed =
                try_each(&all, LIMIT, Duration::default, |_, _| Err::<(), _>(refusal(code)));
            assert!(matches!(failed, Err(Error::Io(e)) if e.raw_os_error() == Some(code)));
        }
    }

    #[test]
    fn a_cancelled_attempt_tries_no_other_address() {
        let tried = Cell::new(0);
        let failed = try_each(&addresses(3), LIMIT, Duration::default, |_, _| {
            tried.set(tried.get() + 1);
            Err::<(), _>(Error::Io(ErrorKind::NotConnected.into()))
        });
        assert!(failed.is_err() && tried.get() == 1);
    }

    /// The shares, in milliseconds, of as many addresses that do not respond.
    fn shares(count: u8) -> Vec<u128> {
        let (elapsed, shares) = (Cell::new(Duration::ZERO), RefCell::new(Vec::new()));
        let failed = try_each(
            &addresses(count),
            LIMIT,
            || elapsed.get(),
            |_, share| {
                elapsed.set(elapsed.get() + share);
                shares.borrow_mut().push(share.as_millis());
                Err::<(), _>(Error::Timeout(Timeout::Connect))
            },
        );
        assert!(matches!(failed, Err(Error::Timeout(Timeout::Connect))));
        assert!(
            LIMIT.abs_diff(elapsed.get()) < Duration::from_millis(1),
            "all of the time is used"
        );
        shares.into_inner()
    }

    #[test]
    fn each_address_has_a_fair_share_of_the_time_and_the_last_has_the_rest() {
        assert_eq!(shares(1), [5000]);
        assert_eq!(shares(2), [1666, 3333]);
        assert_eq!(shares(4), [1000, 1000, 1000, 2000]);
        assert_eq!(
            shares(8)[..5],
            [1000, 800, 640, 512, 409],
            "four dead ones leave time to a fifth"
        );
    }
}
