//! An HTTPS endpoint on loopback with a certificate of a CA made for the test.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use super::World;
use super::endpoint::{Connection, Endpoint, OK, whole_request};

pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        // One that bears the name of another is not unknown, but a forger.
        params.distinguished_name.push(DnType::CommonName, format!("{:?}", key.public_key_raw()));
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A host that trusts this authority, and an endpoint for `name` that it has certified.
    pub fn world(&self, name: &'static str) -> World {
        let config = self.server(Certificate { name, ..Certificate::USUAL });
        let mut endpoint = Endpoint::new(move |connection| {
            let mut secure = Secure::new(connection, &config);
            secure.read_request();
            secure.send(OK);
            secure.close();
        });
        endpoint.url = format!("https://{name}:{}/report", endpoint.port);
        World::with_endpoint(endpoint).trusting(&self.pem())
    }

    /// What an endpoint with a certificate of this authority needs to know.
    pub fn server(&self, wanted: Certificate) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([wanted.name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(wanted.years.0, 1, 1);
        params.not_after = date_time_ymd(wanted.years.1, 1, 1);
        let certificate = if wanted.self_signed {
            params.self_signed(&key).unwrap()
        } else {
            params.signed_by(&key, &self.0).unwrap()
        };
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = if wanted.demands_one {
            let mut roots = RootCertStore::empty();
            roots.add(self.0.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            config.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            config.with_no_client_auth()
        };
        Arc::new(config.with_single_cert(vec![certificate.der().clone()], key).unwrap())
    }
}

#[derive(Clone, Copy)]
pub struct Certificate {
    pub name: &'static str,
    /// From the beginning of the first to the beginning of the second.
    pub years: (i32, i32),
    pub self_signed: bool,
    pub demands_one: bool,
}

impl Certificate {
    pub const USUAL: Self =
        Self { name: "localhost", years: (1975, 4096), self_signed: false, demands_one: false };
}

/// A TLS connection, seen from the endpoint.
pub struct Secure<'a> {
    pub connection: &'a mut Connection,
    stream: StreamOwned<ServerConnection, TcpStream>,
}

impl<'a> Secure<'a> {
    pub fn new(connection: &'a mut Connection, config: &Arc<ServerConfig>) -> Self {
        let stream = connection.raw_stream();
        let tls = ServerConnection::new(Arc::clone(config)).unwrap();
        Self { connection, stream: StreamOwned::new(tls, stream) }
    }

    pub fn read_request(&mut self) {
        let request = whole_request(&mut self.stream);
        self.connection.keep(&request);
    }

    /// Sends something; whether the client may still read it.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    pub fn close(&mut self) {
        self.stream.conn.send_close_notify();
        let _ = self.stream.flush();
    }
}
