//! TLS on an open connection.

use ureq::Error;
use ureq::config::Config;
use ureq::unversioned::transport::{
    ConnectionDetails, Connector, Either, RustlsConnector, Transport,
};

use super::ca_store::CaStore;

/// Wraps a connection in TLS. The certificates are read only now: most hosts that cannot deliver have
/// no network, and do not get here.
#[derive(Debug)]
pub struct TrustingConnector(pub CaStore);

impl<In: Transport> Connector<In> for TrustingConnector {
    type Out = <RustlsConnector as Connector<In>>::Out;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let Some(connection) = chained else { return Ok(None) };
        if !details.needs_tls() {
            return Ok(Some(Either::A(connection)));
        }
        let tls = self.0.tls_config()?;
        // The connector below reads only these three.
        let config = Config::builder()
            .tls_config(tls)
            .input_buffer_size(details.config.input_buffer_size())
            .output_buffer_size(details.config.output_buffer_size())
            .build();
        let details = ConnectionDetails {
            config: &config,
            uri: details.uri,
            addrs: details.addrs.clone(),
            request_level: details.request_level,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
        };
        RustlsConnector::default().connect(&details, Some(connection))
    }
}

/// Returns the memory of the certificates to the system. They leave hundreds of small free chunks in
/// this thread's arena, which glibc consolidates only when a chunk of 64 KiB or more is freed. Nothing
/// is written to that chunk, so it costs next to nothing.
pub fn trim_heap() {
    const ENOUGH: usize = 96 * 1024;
    drop(std::hint::black_box(Vec::<u8>::with_capacity(ENOUGH)));
}
