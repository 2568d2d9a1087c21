//! An HTTPS endpoint on loopback with a certificate of a CA made for the test.

use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver as Channel};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use super::DEADLINE;
use super::receiver::{OK, Request, read_request};

/// A certification authority.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // One that bears the name of another is not unknown, but a forger.
        let folder = TempDir::new().unwrap();
        params.distinguished_name.push(DnType::CommonName, folder.path().to_str().unwrap());
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer, folder }
    }

    /// A file with its certificate, for `SSL_CERT_FILE`.
    pub fn file(&self) -> PathBuf {
        let path = self.folder.path().join("ca.pem");
        std::fs::write(&path, self.issuer.pem()).unwrap();
        path
    }

    /// An endpoint whose certificate, of this authority, is for `name`.
    pub fn endpoint_for(&self, name: &'static str) -> SecureReceiver {
        SecureReceiver::serving(self.server(Certificate { name, ..Certificate::USUAL }))
    }

    /// What an endpoint with a certificate of this authority needs to know.
    pub fn server(&self, wanted: Certificate) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([wanted.name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(wanted.years.0, 1, 1);
        params.not_after = date_time_ymd(wanted.years.1, 1, 1);
        let certificate = if wanted.by_itself {
            params.self_signed(&key).unwrap()
        } else {
            params.signed_by(&key, &self.issuer).unwrap()
        };
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = if wanted.demands_one {
            let mut roots = RootCertStore::empty();
            roots.add(self.issuer.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            config.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            config.with_no_client_auth()
        };
        Arc::new(config.with_single_cert(vec![certificate.der().clone()], key).unwrap())
    }
}

/// The certificate of an endpoint.
#[derive(Clone, Copy)]
pub struct Certificate {
    pub name: &'static str,
    /// From the beginning of the first to the beginning of the second.
    pub years: (i32, i32),
    /// Signed by its own key and not by the authority.
    pub by_itself: bool,
    /// The endpoint demands one of the client, too.
    pub demands_one: bool,
}

impl Certificate {
    /// One with which all is well.
    pub const USUAL: Self =
        Self { name: "localhost", years: (1975, 4096), by_itself: false, demands_one: false };
}

/// An HTTPS endpoint that answers 200. It ends with the test's process.
pub struct SecureReceiver {
    pub port: u16,
    requests: Channel<Request>,
}

impl SecureReceiver {
    fn serving(config: Arc<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (send, requests) = mpsc::channel();
        std::thread::spawn(move || {
            for tcp in listener.incoming().flatten() {
                let connection = ServerConnection::new(config.clone()).unwrap();
                let mut stream = StreamOwned::new(connection, tcp);
                if let Some(request) = read_request(&mut stream) {
                    send.send(request).unwrap();
                    let _ = stream.write_all(OK.as_bytes());
                    stream.conn.send_close_notify();
                    let _ = stream.flush();
                }
            }
        });
        Self { port, requests }
    }

    pub fn request(&self) -> Request {
        self.requests.recv_timeout(DEADLINE).expect("a request in time")
    }

    pub fn is_quiet(&self) -> bool {
        self.requests.try_recv().is_err()
    }
}
