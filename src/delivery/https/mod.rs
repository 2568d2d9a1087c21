//! The built-in HTTP client, for `https` to anywhere and `http` to loopback.

mod addresses;
mod ca_store;
mod explain;
mod pem;
mod proxy;
mod read_limit;
mod resolver;
mod tls;

use ureq::http::Uri;
use ureq::unversioned::transport::{
    ConnectProxyConnector, Connector, SocksConnector, TcpConnector,
};
use ureq::{Agent, Error, Proxy};

use self::addresses::EachAddress;
// Public, as the client is, for the fuzzing.
pub use self::ca_store::{CaStore, NoCaCertificates};
use self::proxy::UnusableProxy;
use self::read_limit::ReadLimit;
use self::resolver::BlockingResolver;
use self::tls::TrustingConnector;
use super::{CONTENT_TYPE, Cancel, Outcome, Timeouts, Transport, USER_AGENT, UploadRequest};
use crate::environment::Environment;

/// How much of a response is read, in bytes: its headers must fit, its body is ignored.
const MAX_RESPONSE_BYTES: usize = 4096;

/// A client for one destination. Nothing is set up before the first attempt.
pub struct Client {
    url: String,
    tls: bool,
    timeouts: Timeouts,
    ca_store: CaStore,
    proxy: Result<Option<Proxy>, UnusableProxy>,
}

impl Client {
    /// For the URL of a [`Destination`](super::Destination).
    pub fn new(url: &str, tls: bool, environment: &Environment, timeouts: Timeouts) -> Self {
        let parsed = url.parse::<Uri>();
        let host = parsed.as_ref().ok().and_then(Uri::host);
        // Plain http stays on this host: no proxy is used.
        let proxied = host.filter(|_| tls);
        let proxy = proxied.map_or(Ok(None), |host| proxy::from_environment(environment, host));
        Self { url: url.to_owned(), tls, timeouts, ca_store: CaStore::of(environment), proxy }
    }

    /// An agent for one request.
    fn agent(&self, connector: impl Connector, attempt: u32) -> Result<Agent, UnusableProxy> {
        let config = Agent::config_builder()
            .timeout_global(Some(self.timeouts.send))
            .timeout_connect(Some(self.timeouts.connect))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_response_header_size(MAX_RESPONSE_BYTES)
            .input_buffer_size(MAX_RESPONSE_BYTES)
            .output_buffer_size(MAX_RESPONSE_BYTES)
            .max_idle_connections(0)
            // Only the headers that a POST needs.
            .user_agent(USER_AGENT)
            .accept("")
            .accept_encoding("");
        let proxy = self.proxy.clone()?;
        let to_proxy = proxy.as_ref().map(|proxy| proxy.uri().clone());
        let connector = connector.chain(ReadLimit { to_proxy, limit: MAX_RESPONSE_BYTES });
        // Always set: by default ureq reads the environment itself.
        let config = config.proxy(proxy).build();
        // Each attempt starts with another address: an unusable one is not always the first.
        let rotation = usize::try_from(attempt.saturating_sub(1)).unwrap_or(0);
        let resolver = BlockingResolver { loopback_only: !self.tls, rotation };
        Ok(Agent::with_parts(config, connector, resolver))
    }

    /// Delivers over connections that `connector` makes: in a test, from memory.
    pub fn deliver_over(
        &self,
        connector: impl Connector,
        request: &UploadRequest,
        cancel: &Cancel,
    ) -> Outcome {
        let agent = match self.agent(connector, request.attempt) {
            Ok(agent) => agent,
            Err(why) => return Outcome::local_error(&why.to_string()),
        };
        // Shutting the agent down closes its connection and keeps it from opening another: a request
        // that has not been sent yet is not sent.
        let handle = agent.clone();
        if !cancel.interrupt_by(move || handle.shutdown()) {
            return Outcome::Unreachable("stopped".to_owned());
        }
        let sent = agent.post(&self.url).content_type(CONTENT_TYPE).send(&request.body);
        match sent {
            Ok(response) if response.status().is_success() => Outcome::Delivered,
            Ok(response) => Outcome::Refused {
                status: response.status().as_u16(),
                retry_after: response
                    .headers()
                    .get("retry-after")
                    .and_then(|value| value.to_str().ok())
                    .map(str::to_owned),
            },
            Err(Error::Other(why)) if why.is::<NoCaCertificates>() => {
                Outcome::local_error(&why.to_string())
            }
            Err(error) => Outcome::unreachable(&self.explain(&error)),
        }
    }

    /// The message for an error.
    fn explain(&self, error: &Error) -> String {
        let why = explain::failure(error, self.timeouts);
        if matches!(self.proxy, Ok(Some(_))) { format!("via proxy: {why}") } else { why }
    }
}

impl Transport for Client {
    fn deliver(&self, request: &UploadRequest, cancel: &Cancel) -> Outcome {
        let connector = EachAddress(SocksConnector::default())
            .chain(ConnectProxyConnector::default())
            .chain(EachAddress(TcpConnector::default()))
            .chain(TrustingConnector(self.ca_store.clone()));
        self.deliver_over(connector, request, cancel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::transport::tests::empty_request;
    use std::time::Duration;
    use ureq::Timeout;
    use ureq::unversioned::transport::ConnectionDetails;

    #[test]
    fn a_failure_on_the_way_through_a_proxy_names_it() {
        let explained = |exceptions: &str| {
            let environment = Environment::at_root("/nowhere")
                .with("https_proxy", "http://127.0.0.1:3128")
                .with("no_proxy", exceptions);
            let second = Duration::from_secs(1);
            let timeouts = Timeouts { connect: 5 * second, send: 10 * second };
            let client = Client::new("https://check.example/", true, &environment, timeouts);
            client.explain(&Error::Timeout(Timeout::Connect))
        };
        assert_eq!(explained(""), "via proxy: connect timed out after 5 s");
        assert_eq!(explained("check.example"), "connect timed out after 5 s");
    }

    /// Connects to nothing, and says that it was asked to.
    #[derive(Debug)]
    struct Asked;

    impl Connector for Asked {
        type Out = <TcpConnector as Connector>::Out;

        fn connect(
            &self,
            details: &ConnectionDetails,
            _: Option<()>,
        ) -> Result<Option<Self::Out>, Error> {
            std::thread::park_timeout(Duration::from_millis(1));
            assert!(!addresses::elapsed(details).is_zero());
            Err(Error::Other("asked to connect".into()))
        }
    }

    #[test]
    fn plain_http_connects_to_this_host_alone_and_https_to_any() {
        let request = empty_request();
        let minute = Duration::from_secs(60);
        let timeouts = Timeouts { connect: minute, send: minute };
        let environment = Environment::at_root("/nowhere");
        for (url, tls, is_asked) in [
            ("http://127.0.0.1/", false, true),
            ("http://192.0.2.1/", false, false),
            ("https://192.0.2.1/", true, true),
        ] {
            let client = Client::new(url, tls, &environment, timeouts);
            match client.deliver_over(Asked, &request, &Cancel::default()) {
                Outcome::Unreachable(why) => {
                    assert_eq!(why.ends_with("asked to connect"), is_asked, "{why}");
                }
                other => panic!("{url}: {other}"),
            }
        }
    }
}
