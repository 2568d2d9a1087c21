//! Whom TLS trusts: the CA certificates of the host.

use std::path::PathBuf;
use std::sync::Arc;

use rustls_native_certs::{CertificateResult, load_certs_from_paths, load_native_certs};
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use crate::environment::Environment;

/// Where the CA certificates are, by the variables that OpenSSL made a convention of; without
/// them, wherever this system keeps them.
pub struct Trust {
    file: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Trust {
    pub fn of(environment: &Environment) -> Self {
        let folders = environment.get("SSL_CERT_DIR").map(std::env::split_paths);
        Self {
            file: environment.get("SSL_CERT_FILE").map(PathBuf::from),
            folders: folders.into_iter().flatten().collect(),
        }
    }

    /// TLS 1.2 and 1.3 with certificates verified, always. The error is a sentence about this
    /// host.
    pub fn tls_config(&self) -> Result<TlsConfig, String> {
        let found = self.load();
        if found.certs.is_empty() {
            let errors: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
            let why =
                if errors.is_empty() { String::new() } else { format!(" ({})", errors.join("; ")) };
            return Err(format!(
                "no CA certificates were found{why}; install the package ca-certificates, or \
                 name a file of them in SSL_CERT_FILE"
            ));
        }
        let roots: RootCerts =
            found.certs.iter().map(|der| Certificate::from_der(der).to_owned()).into();
        Ok(TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(roots)
            .build())
    }

    fn load(&self) -> CertificateResult {
        if self.file.is_none() && self.folders.is_empty() {
            // This reads the two variables once more, from the process: not set, they change nothing.
            return load_native_certs();
        }
        let mut found = load_certs_from_paths(self.file.as_deref(), None);
        for folder in &self.folders {
            let more = load_certs_from_paths(None, Some(folder));
            found.certs.extend(more.certs);
            found.errors.extend(more.errors);
        }
        found
    }
}
